import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { createApp } from '../src/app.ts';
import { readConfig } from '../src/config/config.ts';
import { readEnv } from '../src/config/env.ts';
import { loadSecrets } from '../src/config/secrets.ts';
import { builtinModel } from '../src/model/builtin/builtin-model.ts';
import { boot } from './boot.ts';
import { databaseOf, storeKind, type TestDatabase } from './test-database.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) {
    await (await databaseOf(folder)).drop();
    await rm(folder, { recursive: true });
  }
});

/** True while a process holds the store open: SQLite keeps a log beside the file, PostgreSQL knows its connections. */
const isOpen = async (folder: string, { query }: Pick<TestDatabase, 'query'>): Promise<boolean> => {
  if (storeKind === 'sqlite') return existsSync(join(folder, 'parley.db-wal'));
  const rows = await query(
    "select pid from pg_stat_activity where datname = current_database() and application_name like 'parley%'",
  );
  return rows.length > 0;
};

it('a stop of which one step fails says which, and closes all the rest', async () => {
  const broken = { ...builtinModel(), close: () => Promise.reject(new Error('the client does not end')) };
  const server = await boot({ models: new Map([['broken', broken]]) });
  folders.push(server.dataDir);
  expect(await isOpen(server.dataDir, server)).toBe(true);
  await server.stop();
  expect(server.logged.filter(({ step }) => step !== undefined)).toMatchObject([
    { step: 'models', err: { message: 'the client does not end' } },
  ]);
  await expect.poll(() => isOpen(server.dataDir, server)).toBe(false);
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow('fetch failed');
});

it('a start that fails half-way closes what it has opened', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-stop-'));
  folders.push(folder);
  const database = await databaseOf(folder);
  const plans = join(folder, 'plans.json');
  await writeFile(plans, '{"default": "none such", "plans": {}}');
  const config = readConfig(
    readEnv({ PARLEY_PORT: '0', PARLEY_DATA_DIR: folder, PARLEY_PLANS: plans, ...database.environment }),
  );
  const app = createApp(config, loadSecrets(config.secret, { create: true }), { logger: pino({ level: 'silent' }) });
  await expect(app.start()).rejects.toThrow('plan');
  await expect.poll(() => isOpen(folder, database)).toBe(false);
  // it was open: its tables were made
  expect(await database.tables()).toContain('turns');
  await app.stop();
});
