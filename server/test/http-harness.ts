import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { KeyAuthenticator } from '../src/core/access/authenticate-key.ts';
import { createOperatorKey, type KeyWithSecret, type NewKey } from '../src/core/access/create-key.ts';
import { createLastUses } from '../src/core/access/last-uses.ts';
import { createBotCache } from '../src/core/bot/bot-cache.ts';
import type { Plan } from '../src/core/usage/plan.ts';
import { createWorkspaceTerms } from '../src/core/usage/workspace-terms.ts';
import { createActForClient } from '../src/core/workspace/act-for-client.ts';
import { createHttpServer, type HttpServerOptions } from '../src/http/create-http-server.ts';
import { createLocalCounter } from '../src/core/access/request-counter.ts';
import type { Route } from '../src/http/define-route.ts';
import { createMetrics } from '../src/http/metrics.ts';
import { createRateLimit } from '../src/http/rate-limit.ts';
import { createVisitorGate } from '../src/http/visitor-gate.ts';
import type { RouteParts } from '../src/http/route-parts.ts';
import { apiRoutes } from '../src/http/routes/index.ts';
import { newId } from '../src/kit/id.ts';
import { openStore } from '../src/store/open-store.ts';
import { databaseOf } from './test-database.ts';
import { createOutbound } from '../src/kit/outbound/outbound.ts';

/**
 * The HTTP side on the real store in a directory of its own, listening on a free port: for tests of routes that need no
 * model. `clock` may be moved.
 */
export const startHttp = async (
  options: {
    plans?: Plan[];
    routes?: Route[];
    server?: Partial<HttpServerOptions>;
  } = {},
) => {
  const directory = await mkdtemp(join(tmpdir(), 'parley-http-'));
  const database = await databaseOf(directory);
  const store = await openStore(database.place, { migrate: true });
  const time = { offsetMs: 0 };
  const clock = () => Date.now() + time.offsetMs;
  const pepper = randomBytes(32);
  const logged: Record<string, unknown>[] = [];
  const logger = pino(
    { level: 'debug' },
    { write: (line: string) => logged.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const lastUses = createLastUses({ transact: store.transact, clock, onError: (error) => logger.error(error) });
  const catalogue = {
    plans: new Map((options.plans ?? []).map((plan) => [plan.name, plan])),
    defaultPlan: unlimited,
  };
  const authenticator = new KeyAuthenticator({ readers: store.readers, pepper, plans: catalogue, lastUses, clock });
  const bots = createBotCache(store.readers.bots, clock);
  const terms = createWorkspaceTerms(store.readers.workspaces, catalogue, clock);
  const metrics = createMetrics();
  const createCounter = createLocalCounter(clock);
  const rateLimit = createRateLimit(createCounter);
  const visitors = createVisitorGate({
    readers: store.readers,
    transact: store.transact,
    clock,
    rateLimit,
    createCounter,
    limits: {
      requestsPerMinute: { visitor: 1_000, address: 1_000, bot: 1_000 },
      messagesPerDay: { visitor: 1_000, address: 1_000, bot: 1_000 },
      newVisitorsPerDay: 1_000,
    },
    visitorKeys: [randomBytes(32)],
    embedKeys: [randomBytes(32)],
  });
  const routes = apiRoutes({
    readers: store.readers,
    vectorSearch: null,
    embeddingModel: null,
    clock,
    pepper,
    models: {
      has: (model) => model === 'builtin' || model.startsWith('local/'),
      isProvider: (name) => name === 'builtin' || name === 'local',
    },
    defaultModel: 'builtin',
    forgetKey: (keyId) => authenticator.forget(keyId),
    visitors,
    forgetBot: (botId) => bots.forget(botId),
    forgetWorkspace: (id) => {
      terms.forget(id);
      authenticator.forget();
    },
    plans: catalogue,
    forgetKnowledge: () => undefined,
    transact: store.transact,
    sources: { address: createOutbound(), limits: { maxFileBytes: 100_000, maxPages: 1_000 } },
    maxMessageCharacters: 16_000,
    endTurns: () => undefined,
    lookForReplies: () => undefined,
    // what the routes of chat and turns need stays out: their tests boot the whole app
  } as Partial<RouteParts> as RouteParts);
  const server = await createHttpServer({
    authenticate: (secret) => authenticator.authenticate(secret),
    actForClient: createActForClient(terms),
    rateLimit,
    visitors,
    transact: store.transact,
    clock,
    answerKeys: [randomBytes(32)],
    logger,
    validateResponses: true,
    metrics,
    metricsAccess: { kind: 'token', token: 'metrics-token' },
    check: () => store.check(),
    ...options.server,
    routes: [...routes, ...(options.routes ?? [])],
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  const { port } = server.server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;

  const makeWorkspace = async (plan: string | null = null): Promise<string> => {
    const id = newId('ws');
    await store.transact((writers) =>
      writers.workspaces.insert({ id, parentId: null, name: 'Test', plan, createdAt: clock() }),
    );
    return id;
  };
  const workspaceId = await makeWorkspace();

  const makeKey = (wanted: Partial<NewKey> & { workspaceId?: string } = {}): Promise<KeyWithSecret> =>
    store.transact((writers) =>
      createOperatorKey(
        writers,
        { workspaceId, name: 'test', type: 'live', scopes: ['all'], botIds: null, expiresAt: null, ...wanted },
        { pepper, clock },
      ),
    );
  const { secret } = await makeKey();

  /** Sends a request with the first key unless told otherwise; `key: null` sends none. */
  const send = async (
    method: string,
    path: string,
    request: { key?: string | null; body?: unknown; headers?: Record<string, string> } = {},
  ) => {
    const key = request.key === undefined ? secret : request.key;
    const response = await fetch(origin + path, {
      redirect: 'manual',
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...request.headers,
      },
      ...(request.body === undefined
        ? {}
        : { body: typeof request.body === 'string' ? request.body : JSON.stringify(request.body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return {
      status: response.status,
      headers: response.headers,
      text,
      // of every shape, which tests look into: typed by nothing
      body: isJson && text !== '' ? JSON.parse(text) : null,
    };
  };

  return {
    origin,
    store,
    server,
    /** Those of the API, without those for operations. */
    routes,
    workspaceId,
    secret,
    logged,
    time,
    lastUses,
    bots,
    makeWorkspace,
    makeKey,
    send,
    /** Looks into the database past the store. */
    query: database.query,
    async close() {
      await server.close();
      await lastUses.close();
      await store.close();
      await database.drop();
      await rm(directory, { recursive: true });
    },
  };
};

export type HttpHarness = Awaited<ReturnType<typeof startHttp>>;

const unlimited: Plan = {
  name: 'unlimited',
  messagesPerMonth: null,
  warnAt: null,
  requestsPerMinute: null,
  bots: null,
  memoryMessages: 30,
  concurrentStreams: null,
};
