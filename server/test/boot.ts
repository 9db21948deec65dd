import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createApp } from '../src/app.ts';
import { readConfig } from '../src/config/config.ts';
import { readEnv } from '../src/config/env.ts';
import { loadSecrets } from '../src/config/secrets.ts';
import { type FirstRun, setUpInstallation } from '../src/core/demo/set-up-installation.ts';
import type { ChatModel } from '../src/core/turn/chat-model.ts';
import { systemClock } from '../src/kit/clock.ts';
import { openStore, type StorePlace } from '../src/store/open-store.ts';
import { apiClient } from './api-client.ts';
import { databaseOf } from './test-database.ts';

/** What one plan of the plans file holds. */
export type PlanFile = Record<string, number | null>;

export const noLimits: PlanFile = {
  messages_per_month: null,
  requests_per_minute: null,
  bots: null,
  memory_messages: 30,
  concurrent_streams: null,
};

export type BootOptions = {
  /** Continues on the data of an earlier boot. */
  dataDir?: string;
  /** The plan every workspace is on. */
  plan?: PlanFile;
  /** Others beside it, each with every field. */
  plans?: Record<string, PlanFile>;
  /** `PARLEY_…` variables. */
  env?: Record<string, string>;
  /** The provider `test`, so that bots may name `test/any`. */
  providerUrl?: string;
  /** How long a conversation is quiet before something is remembered of it; an hour, so that no other test meets it. */
  memoryQuietMs?: number;
  /** Models by provider, beside those of the configuration. */
  models?: ReadonlyMap<string, ChatModel>;
};

const hourMs = 60 * 60 * 1_000;

/**
 * The real program on a real database of this run's kind, in a directory of its own, listening on a free port, with every answer checked
 * against its schema.
 */
export const boot = async (options: BootOptions = {}) => {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'parley-test-')));
  const database = await databaseOf(dataDir);
  const plansPath = join(dataDir, 'plans.json');
  await writeFile(
    plansPath,
    JSON.stringify({ default: 'test', plans: { test: { ...noLimits, ...options.plan }, ...options.plans } }),
  );
  const config = readConfig(
    readEnv({
      PARLEY_PORT: '0',
      PARLEY_DATA_DIR: dataDir,
      PARLEY_PLANS: plansPath,
      ...database.environment,
      ...(options.providerUrl === undefined ? {} : { PARLEY_PROVIDER_TEST_URL: options.providerUrl }),
      ...options.env,
    }),
  );
  const secrets = loadSecrets(config.secret, { create: true });
  const firstRun = await prepare(config.store, Buffer.from(secrets.keyFor('key-pepper')));
  const logged: Record<string, unknown>[] = [];
  const logger = pino(
    { level: 'debug' },
    { write: (line: string) => logged.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const app = createApp(config, secrets, {
    logger,
    validateResponses: true,
    memoryQuietMs: options.memoryQuietMs ?? hourMs,
    ...(options.models && { models: options.models }),
  });
  const { url } = await app.start();
  const key = firstRun?.secret ?? '';
  const client = apiClient(url, key);

  return {
    url,
    dataDir,
    /** Looks into the database past the store. */
    query: database.query,
    write: database.write,
    tables: database.tables,
    firstRun,
    key,
    logged,
    ...client,
    /** A bot of its own, with the test provider's model unless told otherwise. */
    async makeBot(fields: Record<string, unknown> = {}): Promise<string> {
      const body = { name: 'Bot', model: options.providerUrl === undefined ? 'builtin' : 'test/any', ...fields };
      const { status, body: bot, text } = await client.send('POST', '/v1/bots', { body });
      if (status !== 201) throw new Error(text);
      return bot.id as string;
    },
    stop: () => app.stop(),
    async close(): Promise<void> {
      await app.stop();
      await database.drop();
      await rm(dataDir, { recursive: true });
    },
  };
};

export type Server = Awaited<ReturnType<typeof boot>>;

const prepare = async (place: StorePlace, pepper: Buffer): Promise<FirstRun | null> => {
  const store = await openStore(place, { migrate: true });
  try {
    return await setUpInstallation(store.transact, { pepper, clock: systemClock, defaultModel: 'builtin' });
  } finally {
    await store.close();
  }
};
