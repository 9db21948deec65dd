import { readFile } from 'node:fs/promises';

/** The memory of a process in bytes, all of it; null where it has ended, or the system does not tell. */
export const residentMemory = async (pid: number): Promise<number | null> => {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'latin1');
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
};
