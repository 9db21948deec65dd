import { spawn, execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const mainPath = join(import.meta.dirname, '../../server/src/main.ts');
const startBudgetMs = 30_000;
const startPauseMs = 100;

export type SpawnedServer = { url: string; key: string; stop(): Promise<void> };

/** Starts the program as its users do, on a free port with an empty data directory, and makes a key. */
export const spawnServer = async (): Promise<SpawnedServer> => {
  const directory = await mkdtemp(join(tmpdir(), 'parley-quality-'));
  const port = await freePort();
  const env = {
    PATH: process.env.PATH,
    PARLEY_DATA_DIR: directory,
    PARLEY_PORT: String(port),
    PARLEY_LOG: 'warn',
  };
  const server = spawn(process.execPath, [mainPath, 'start'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  await ready(url);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [mainPath, 'key', 'create', '--name', 'quality', '--scopes', 'all'],
    { env },
  );
  return {
    url,
    key: stdout.trim(),
    async stop() {
      const exited = once(server, 'exit');
      server.kill('SIGTERM');
      await exited;
      await rm(directory, { recursive: true });
    },
  };
};

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
};

const ready = async (url: string): Promise<void> => {
  const giveUpAt = performance.now() + startBudgetMs;
  for (;;) {
    try {
      if ((await fetch(`${url}/readyz`)).ok) return;
    } catch {
      // not listening yet
    }
    if (performance.now() > giveUpAt) throw new Error('the server did not become ready');
    await new Promise((resolve) => {
      setTimeout(resolve, startPauseMs);
    });
  }
};
