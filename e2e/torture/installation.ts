import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCompiledCode } from '../../server/test/compiled-code.ts';
import { findFreePort } from '../../server/test/free-port.ts';
import { TestPostgres } from '../../server/test/postgres/server.ts';
import { runSql } from '../../server/test/postgres/run-sql.ts';
import { type ModelServer, startModelServer } from './model-server.ts';
import { ServerProcess } from './server-process.ts';
import { postgresQuery, type Query, sqliteQuery } from './stored-state.ts';
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver.ts';

/** What a campaign runs on: servers, their database, and the far sides of their network. */
export type Installation = {
  servers: ServerProcess[];
  query: Query;
  model: ModelServer;
  webhooks: WebhookReceiver;
  /** Ends everything, and removes what it stored. */
  close(): Promise<void>;
};

/** So short that a dead replica's turns are taken over within a test's patience; the same on both databases. */
export const leaseMs = 2_000;

const plan = {
  messages_per_month: 1_000_000,
  requests_per_minute: null,
  bots: null,
  memory_messages: 4,
  concurrent_streams: null,
};

type Beginnings = {
  folder: string;
  model: ModelServer;
  webhooks: WebhookReceiver;
  environment: Record<string, string>;
};

const begin = async (modelPauseMs?: number): Promise<Beginnings> => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-torture-'));
  const model = await startModelServer(modelPauseMs);
  const webhooks = await startWebhookReceiver();
  writeFileSync(join(folder, 'plans.json'), JSON.stringify({ default: 'test', plans: { test: plan } }));
  const environment = {
    PARLEY_MODE: 'test',
    PARLEY_PROVIDER_TEST_URL: model.url,
    PARLEY_PLANS: join(folder, 'plans.json'),
    PARLEY_OUTBOUND_ALLOW: webhooks.origin,
    PARLEY_LEASE_MS: String(leaseMs),
    // a third of what a start costs; written by a server that ends well
    NODE_COMPILE_CACHE: findCompiledCode() ?? join(folder, 'compiled'),
  };
  return { folder, model, webhooks, environment };
};

const end = async ({ folder, model, webhooks }: Beginnings, servers: readonly ServerProcess[]): Promise<void> => {
  // a paused process ends by SIGKILL too
  await Promise.all(servers.map((server) => server.end('SIGKILL')));
  await model.close();
  await webhooks.close();
  rmSync(folder, { recursive: true, force: true });
};

/** One process on SQLite. `dataDir`: where a test puts it, on a volume that can fail. */
export const installOnSqlite = async (
  options: { dataDir?: string; environment?: Record<string, string> } = {},
): Promise<Installation> => {
  const beginnings = await begin();
  const dataDir = options.dataDir ?? join(beginnings.folder, 'data');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const server = new ServerProcess({
    port: await findFreePort(),
    outputPath: join(beginnings.folder, 'output'),
    environment: { ...beginnings.environment, PARLEY_DATA_DIR: dataDir, ...options.environment },
  });
  return {
    servers: [server],
    query: sqliteQuery(join(dataDir, 'parley.db')),
    model: beginnings.model,
    webhooks: beginnings.webhooks,
    close: () => end(beginnings, [server]),
  };
};

/** As an operator would make one, and the same for all replicas. */
const secret = 'Kd93mVq0ZtR7bXw2LsY8pFhC4nJ6gTaE';

/** Equal replicas on one PostgreSQL, and on one Redis where its address is given. */
export const installReplicas = async (options: {
  replicas: number;
  redisUrl?: string;
  /** Between two pieces of a reply. */
  modelPauseMs?: number;
  environment?: Record<string, string>;
}): Promise<Installation> => {
  const beginnings = await begin(options.modelPauseMs);
  const postgres = await TestPostgres.start();
  await runSql(postgres.url('postgres'), "create database torture template template0 encoding 'UTF8'");
  const url = postgres.url('torture');
  const servers = await Promise.all(
    Array.from({ length: options.replicas }, async (_, index) => {
      const dataDir = join(beginnings.folder, `data-${index}`);
      mkdirSync(dataDir, { mode: 0o700 });
      return new ServerProcess({
        port: await findFreePort(),
        outputPath: join(beginnings.folder, `output-${index}`),
        environment: {
          ...beginnings.environment,
          PARLEY_DATA_DIR: dataDir,
          PARLEY_SECRET: secret,
          DATABASE_URL: url,
          ...(options.redisUrl === undefined ? {} : { REDIS_URL: options.redisUrl }),
          ...options.environment,
        },
      });
    }),
  );
  return {
    servers,
    query: postgresQuery(url),
    model: beginnings.model,
    webhooks: beginnings.webhooks,
    close: async () => {
      await end(beginnings, servers);
      await postgres.close();
    },
  };
};
