import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startParley } from '../parley-process.ts';

export type SpawnedServer = { url: string; key: string; stop(): Promise<void> };

/** Starts the program as its users do, with an empty data directory. */
export const spawnServer = async (): Promise<SpawnedServer> => {
  const directory = await mkdtemp(join(tmpdir(), 'parley-quality-'));
  const server = await startParley({ dataDir: directory });
  return {
    url: server.url,
    key: server.firstKey ?? '',
    async stop() {
      await server.stop();
      await rm(directory, { recursive: true });
    },
  };
};
