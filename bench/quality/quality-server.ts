import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makePlace } from '../growth/place.ts';
import { startParley } from '../parley-process.ts';
import type { BenchPostgres } from '../postgres.ts';

/** One request of the API; throws where the answer is no success. */
export type Call = <Answer>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) => Promise<Answer>;

const callerOf =
  (url: string, key: string): Call =>
  async <Answer>(method: string, path: string, body?: unknown) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
    return (text === '' ? null : JSON.parse(text)) as Answer;
  };

export type QualityServer = { call: Call; pid: number; stop: () => Promise<void> };

/** Starts the program as its users do, with an empty database in SQLite, or in `postgres`. */
export const startQualityServer = async (
  name: string,
  { postgres, env }: { postgres: BenchPostgres | null; env?: Record<string, string> },
): Promise<QualityServer> => {
  const directory = await mkdtemp(join(tmpdir(), 'parley-quality-'));
  const place = await makePlace(name, { directory, postgres });
  const server = await startParley({ dataDir: place.dataDir, env: { ...place.env, ...env } });
  return {
    call: callerOf(server.url, server.firstKey ?? ''),
    pid: server.pid,
    async stop() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
};
