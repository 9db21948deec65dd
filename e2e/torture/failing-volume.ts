import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A volume of its own, ext4 in a file, whose power can be cut: what the system was told to sync is there afterwards, and
 * nothing else. The cut is ext4's own (`EXT4_IOC_SHUTDOWN` with `NOLOGFLUSH`,
 * https://man7.org/linux/man-pages/man2/ioctl_ext4.2.html is silent on it; see fs/ext4/ioctl.c): the file system takes no
 * more writes, as if the machine had stopped, and what waited in memory is dropped with the mount.
 */

/** EXT4_IOC_SHUTDOWN, and EXT4_GOING_FLAGS_NOLOGFLUSH: not even the journal is written out. */
const shutDown = 0x8004_587d;
const withoutFlush = 2;

const run = (program: string, args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

export type FailingVolume = {
  /** Where it is mounted; a folder in it for the data. */
  dataDir: string;
  /** Stops every write from now on. */
  cutPower(): void;
  /** Mounts it anew, as a machine that starts again would. Nobody may have a file of it open. */
  powerUp(): void;
  close(): void;
};

/** Throws where the system allows no such mount. */
export const openVolume = (sizeMb: number): FailingVolume => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-volume-'));
  const image = join(folder, 'image');
  const mountPoint = join(folder, 'mount');
  mkdirSync(mountPoint);
  writeFileSync(image, '');
  truncateSync(image, sizeMb * 1_048_576);
  run('mkfs.ext4', ['-q', image]);
  const mount = (): string => run('mount', ['-o', 'loop', image, mountPoint]);
  const unmount = (): string => run('umount', [mountPoint]);
  try {
    mount();
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const dataDir = join(mountPoint, 'data');
  mkdirSync(dataDir, { mode: 0o700 });
  return {
    dataDir,
    cutPower() {
      // perl is a part of every Debian, and knows ioctl; Node does not
      const script = `open my $place, '<', $ARGV[0] or die $!; my $flags = pack 'I', ${withoutFlush}; ioctl $place, ${shutDown}, $flags or die $!`;
      run('perl', ['-e', script, mountPoint]);
    },
    powerUp() {
      unmount();
      mount();
    },
    close() {
      try {
        unmount();
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
};

/** What keeps this machine from cutting the power of a volume, in one line; null where nothing does. */
export const whyNoVolume = (): string | null => {
  if (process.platform !== 'linux') return 'power cuts need Linux';
  if (process.getuid?.() !== 0) return 'power cuts need root, to mount a file system';
  try {
    const volume = openVolume(16);
    try {
      volume.cutPower();
      volume.powerUp();
    } finally {
      volume.close();
    }
    return null;
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : 'unknown').split('\n').slice(-2);
    return `power cuts need loop devices with ext4: ${line}`;
  }
};
