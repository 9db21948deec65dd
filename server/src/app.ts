import type { AddressInfo } from 'node:net';
import { builtinPrices } from './config/builtin-prices.ts';
import type { Config } from './config/config.ts';
import { sealingKeyring } from './config/sealing-keyring.ts';
import type { Secrets } from './config/secrets.ts';
import { KeyAuthenticator } from './core/access/authenticate-key.ts';
import type { HashedSecret } from './core/access/key-store.ts';
import { pepperTag } from './core/access/key-secret.ts';
import { createLastUses } from './core/access/last-uses.ts';
import type { Bot } from './core/bot/bot.ts';
import { createBotCache } from './core/bot/bot-cache.ts';
import type { Store } from './core/store.ts';
import { WorkspaceModels } from './core/provider/workspace-models.ts';
import { AwaitedReplies } from './core/turn/awaited-replies.ts';
import { Breakers } from './core/turn/breaker.ts';
import { createCallModel } from './core/turn/call-model.ts';
import type { ChatModel } from './core/turn/chat-model.ts';
import { createTurnPassages } from './core/turn/find-turn-passages.ts';
import { ModelCatalogue } from './core/turn/model-catalogue.ts';
import { defaultModelRetryPolicy } from './core/turn/model-retry.ts';
import { readPriceList } from './core/turn/price-list.ts';
import { sendMessage } from './core/turn/send-message.ts';
import type { TurnObserver } from './core/turn/turn-observer.ts';
import { TurnRunner } from './core/turn/turn-runner.ts';
import { TurnSweeper } from './core/turn/turn-sweeper.ts';
import { builtinCatalogue, parsePlans, type PlanCatalogue } from './core/usage/plan-catalogue.ts';
import { createWorkspaceTerms } from './core/usage/workspace-terms.ts';
import { createActForClient } from './core/workspace/act-for-client.ts';
import { createHttpServer } from './http/create-http-server.ts';
import { createMetrics, type Metrics } from './http/metrics.ts';
import { startMetricsServer } from './http/metrics-server.ts';
import { OpenStreams } from './http/open-streams.ts';
import { createRateLimit } from './http/rate-limit.ts';
import { createVisitorGate } from './http/visitor-gate.ts';
import { presentWebhookEvent } from './http/present/webhook.ts';
import { apiRoutes } from './http/routes/index.ts';
import { jobKinds } from './job/job-kinds.ts';
import { startSchedule } from './job/schedule.ts';
import { wakeOnEnqueue } from './job/wake-on-enqueue.ts';
import { wakeOnEvent } from './job/wake-on-event.ts';
import { WebhookSender } from './job/webhook-sender.ts';
import { Worker } from './job/worker.ts';
import { systemClock } from './kit/clock.ts';
import { newId } from './kit/id.ts';
import { createLogger, type Logger } from './kit/logger.ts';
import { createTokenCounter } from './kit/token-counter.ts';
import { createOutbound, type Outbound } from './kit/outbound/outbound.ts';
import { builtinModel } from './model/builtin/builtin-model.ts';
import { createModelClient } from './model/create-client.ts';
import { createCheckProvider, createProblemOfAddress, createWorkspaceClient } from './model/workspace-client.ts';
import { openStore } from './store/open-store.ts';

export type App = {
  /** Opens the store, takes up what an earlier process left, and listens. */
  start(): Promise<{ url: string }>;
  /** Takes nothing new, lets running turns finish within the drain time, and closes everything. */
  stop(): Promise<void>;
};

/** What tests put in place of the real thing: only ever more checks, or the far side of a network. */
export type AppOverrides = {
  logger?: Logger;
  /** Checks every answer against its schema. */
  validateResponses?: boolean;
  /** Models by provider, beside those of the configuration. */
  models?: ReadonlyMap<string, ChatModel>;
};

/** How long jobs may take to see that the server stops. */
const jobStopMs = 5_000;

/** How long the last answers may take to leave, once every turn has ended. */
const lastAnswersMs = 250;

/** Puts the parts together. The caller holds the lock on the data directory. */
export const createApp = (config: Config, secrets: Secrets, overrides: AppOverrides = {}): App => {
  const logger = overrides.logger ?? createLogger(config.logLevel);
  let running: Running | null = null;
  return {
    async start() {
      const store = await openStore(config.store, {
        migrate: true,
        keyring: sealingKeyring(secrets),
        onError: (error) => logger.error({ err: error }, 'what follows a change failed'),
        onWarning: (text) => logger.warn(text),
      });
      running = await run({ config, secrets, logger, store, overrides });
      return { url: running.url };
    },
    async stop() {
      await running?.stop();
      running = null;
    },
  };
};

type Running = { url: string; stop(): Promise<void> };

type Environment = { config: Config; secrets: Secrets; logger: Logger; store: Store; overrides: AppOverrides };

const run = async (given: Environment): Promise<Running> => {
  const environment = { ...given, store: wakeOnEvent(given.store, () => webhooks.wake()) };
  const { config, secrets, logger, store, overrides } = environment;
  const clock = systemClock;
  const plans = config.plans ? parsePlans(config.plans.json) : builtinCatalogue;
  const metrics = createMetrics();
  const outbound = createOutbound(config.outbound);
  const workspaceModels = new WorkspaceModels({
    providers: store.readers.providers,
    secrets: store.readers.encryptedSecrets,
    createClient: createWorkspaceClient(outbound),
    clock,
  });
  const models = new ModelCatalogue(providers(config, overrides), workspaceModels);
  const bots = createBotCache(store.readers.bots, clock);
  const terms = createWorkspaceTerms(store.readers.workspaces, plans, clock);
  const passages = createTurnPassages(store.readers.knowledge, clock);
  const turns = createTurns(environment, { models, plans, terms, metrics, bots, findPassages: passages.find });
  const endTurns = (_workspaceId: string, turnIds: readonly string[]): void => turns.runner.endDeleted(turnIds);

  const webhooks = new WebhookSender({
    readers: { ...store.readers, turns: store.turns },
    transact: store.transact,
    outbound,
    clock,
    random: Math.random,
    present: presentWebhookEvent,
    onError: (error) => logger.error({ err: error }, 'webhooks cannot be sent'),
  });
  const transact = wakeOnEnqueue(store.transact, () => worker.wake());
  const worker = new Worker({
    jobs: store.jobs,
    kinds: jobKinds({
      knowledge: store.readers.knowledge,
      transact,
      clock,
      forgetKnowledge: passages.forget,
      eraseTraces: (signal) => store.eraseTraces(signal),
      retention: store.readers.retention,
      turns: store.turns,
      jobs: store.jobs,
      turnLogsKeptMs: config.turns.logRetentionMs,
      endTurns,
      secretRotation: {
        rotation: store.readers.rotation,
        fingerprint: secrets.fingerprint,
        pepperTag: pepperTag(secrets.keyFor('key-pepper')),
      },
    }),
    owner: turns.owner,
    clock,
    onFailure: ({ job, error, dead }) =>
      logger.error({ job: job.kind, job_id: job.id, dead, err: error }, 'job failed'),
    onStoreError: (error) => logger.error({ err: error }, 'the job table cannot be used'),
  });

  const web = await createWeb(environment, {
    clock,
    plans,
    terms,
    outbound,
    workspaceModels,
    metrics,
    models,
    bots,
    turns,
    transact,
    endTurns,
    forgetKnowledge: passages.forget,
    wakeWebhooks: () => webhooks.wake(),
  });
  const schedule = startSchedule({
    transact,
    onError: (error) => logger.error({ err: error }, 'the schedule cannot be kept'),
  });
  const stop = async (): Promise<void> => {
    schedule.stop();
    const closed = web.close();
    await turns.runner.drain(config.drainMs);
    web.closeStreams();
    await web.cut(closed);
    await turns.sweeper.stop();
    await worker.stop(jobStopMs);
    await webhooks.stop(jobStopMs);
    turns.tokenCounter.close();
    await models.close();
    await outbound.close();
    await web.flush();
    await store.close();
  };
  try {
    await turns.sweeper.start({ soleOwner: config.store.kind === 'sqlite' });
    worker.start();
    webhooks.start();
    return { url: await web.listen(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const providers = (config: Config, overrides: AppOverrides): Map<string, ChatModel> =>
  new Map<string, ChatModel>([
    ['builtin', builtinModel()],
    ...config.providers.map((provider) => [provider.name, createModelClient(provider)] as const),
    ...(overrides.models ?? []),
  ]);

type TurnParts = {
  models: ModelCatalogue;
  plans: PlanCatalogue;
  terms: ReturnType<typeof createWorkspaceTerms>;
  metrics: Metrics;
  bots: ReturnType<typeof createBotCache>;
  findPassages: ReturnType<typeof createTurnPassages>['find'];
};

const createTurns = ({ config, logger, store }: Environment, parts: TurnParts) => {
  const clock = systemClock;
  const owner = newId('node');
  const lease = { owner, durationMs: config.turns.leaseMs };
  const windowOf = async (bot: Bot): Promise<number> => {
    const memoryMessages = (await parts.terms.find(bot.workspaceId))?.plan.memoryMessages ?? 0;
    return Math.min(memoryMessages, bot.config.memory.messages ?? memoryMessages);
  };
  const historyLimit = 1 + Math.max(...[...parts.plans.plans.values()].map((plan) => plan.memoryMessages));
  const tokenCounter = createTokenCounter();
  const runner = new TurnRunner({
    turns: store.turns,
    models: parts.models,
    callModel: createCallModel({
      breakers: new Breakers(clock),
      retry: defaultModelRetryPolicy,
      clock,
      random: Math.random,
    }),
    findPassages: parts.findPassages,
    timeouts: config.modelTimeouts,
    countTokens: (text) => tokenCounter.count(text),
    prices: readPriceList(builtinPrices(), config.prices?.json ?? null),
    loadBot: async (turn) => {
      const bot = await parts.bots.find(turn.workspaceId, turn.botId);
      if (!bot || bot.version === turn.botVersion) return bot;
      return store.readers.bots.findVersion(turn.workspaceId, turn.botId, turn.botVersion);
    },
    windowOf,
    historyLimit,
    lease,
    awaited: new AwaitedReplies({
      conversations: store.readers.conversations,
      turns: store.turns,
      clock,
      onError: (error) => logger.error({ err: error }, 'it cannot be seen whether somebody has replied'),
    }),
    observer: observeTurns(logger, parts.metrics),
  });
  const sweeper = new TurnSweeper({
    turns: store.turns,
    runner,
    lease,
    historyLimit,
    onError: (error) => logger.error({ err: error }, 'turns could not be looked after'),
  });
  return { owner, lease, windowOf, runner, sweeper, tokenCounter };
};

const observeTurns = (logger: Logger, metrics: Metrics): TurnObserver => ({
  ended(turn, timingsMs) {
    metrics.countTurn(turn.status);
    logger.debug({ turn_id: turn.id, status: turn.status, timings_ms: timingsMs }, 'turn ended');
  },
  modelFailed(turn, model, error) {
    const { kind, status } = error;
    logger.warn({ turn_id: turn.id, model, kind, status }, 'model call failed');
    // a provider's words may repeat what was asked
    logger.trace({ turn_id: turn.id, reason: error.message }, 'what the provider said');
  },
  broke: (turn, error) => logger.error({ turn_id: turn.id, err: error }, 'turn broke'),
  storeFailed: (turnId, error) => logger.error({ turn_id: turnId, err: error }, 'a result could not be stored yet'),
});

type WebParts = Omit<TurnParts, 'findPassages'> & {
  outbound: Outbound;
  workspaceModels: WorkspaceModels;
  clock: typeof systemClock;
  turns: ReturnType<typeof createTurns>;
  transact: Store['transact'];
  endTurns: (workspaceId: string, turnIds: readonly string[]) => void;
  forgetKnowledge: (botId: string) => void;
  wakeWebhooks: () => void;
};

const createWeb = async ({ config, secrets, logger, store, overrides }: Environment, parts: WebParts) => {
  const { clock, turns, bots, transact, models } = parts;
  const pepper = Buffer.from(secrets.keyFor('key-pepper'));
  const lastUses = createLastUses({
    transact: store.transact,
    clock,
    onError: (error) => logger.warn({ err: error }, 'the last uses of keys could not be noted'),
  });
  const authenticator = new KeyAuthenticator({
    readers: store.readers,
    pepper,
    ...previousPepper({ secrets, transact, logger }),
    plans: parts.plans,
    lastUses,
    clock,
  });
  const rateLimit = createRateLimit();
  const visitors = createVisitorGate({
    readers: store.readers,
    transact,
    clock,
    rateLimit,
    limits: config.visitors,
    visitorKeys: secrets.keysFor('visitor-tokens'),
    embedKeys: secrets.keysFor('embed-tokens'),
  });
  const streams = new OpenStreams();
  const server = await createHttpServer({
    authenticate: (secret) => authenticator.authenticate(secret),
    actForClient: createActForClient(parts.terms),
    rateLimit,
    visitors,
    trustedProxies: config.trustedProxies,
    transact,
    clock,
    answerKeys: secrets.keysFor('idempotent-answers'),
    logger,
    validateResponses: overrides.validateResponses ?? false,
    metrics: parts.metrics,
    metricsAccess: config.metrics,
    check: () => store.check(),
    bodyLimitBytes: config.limits.bodyLimitBytes,
    routes: apiRoutes({
      readers: store.readers,
      clock,
      pepper,
      models,
      transact,
      checkProvider: createCheckProvider(parts.outbound),
      problemOfAddress: createProblemOfAddress(parts.outbound),
      forgetProvider: (provider) => parts.workspaceModels.forget(provider),
      defaultModel: config.defaultModel,
      forgetKey: (keyId) => authenticator.forget(keyId),
      forgetBot: (botId) => bots.forget(botId),
      forgetWorkspace: (workspaceId) => {
        parts.terms.forget(workspaceId);
        authenticator.forget();
      },
      plans: parts.plans,
      visitors,
      forgetKnowledge: parts.forgetKnowledge,
      webhooks: { address: parts.outbound, wakeSender: parts.wakeWebhooks },
      maxMessageCharacters: config.limits.maxMessageCharacters,
      endTurns: parts.endTurns,
      lookForReplies: (conversation) => turns.runner.awaited.look(conversation),
      sendMessage: (message) =>
        sendMessage(
          {
            turns: store.turns,
            conversations: store.readers.conversations,
            runner: turns.runner,
            findBot: async (workspaceId, botId) => bots.find(workspaceId, botId),
            terms: parts.terms,
            windowOf: turns.windowOf,
            lease: turns.lease,
            maxMessageCharacters: config.limits.maxMessageCharacters,
          },
          message,
        ),
      turns: store.turns,
      runner: turns.runner,
      streams,
      jsonWaitMs: config.limits.jsonWaitMs,
    }),
  });
  let closeMetrics: (() => Promise<void>) | null = null;
  return {
    async listen(): Promise<string> {
      await server.listen({ port: config.port, host: config.host });
      if (config.metrics.kind === 'port') {
        ({ close: closeMetrics } = await startMetricsServer(parts.metrics, {
          host: config.host,
          port: config.metrics.port,
        }));
      }
      const { port } = server.server.address() as AddressInfo;
      return `http://${reachableHost(config.host)}:${port}`;
    },
    close: async () => {
      await server.close();
      await closeMetrics?.();
    },
    closeStreams: () => streams.closeAll(),
    /** Lets answers that are on their way arrive; then ends connections on which nothing was ever asked, too. */
    cut: async (closed: Promise<void>) => {
      const timer = setTimeout(() => server.server.closeAllConnections(), lastAnswersMs);
      await closed;
      clearTimeout(timer);
    },
    flush: () => lastUses.close(),
  };
};

/** What the authenticator knows of a master secret that is being replaced. */
const previousPepper = ({
  secrets,
  transact,
  logger,
}: Pick<Environment, 'secrets' | 'logger'> & Pick<WebParts, 'transact'>) => {
  const [, pepper] = secrets.keysFor('key-pepper');
  if (!pepper) return {};
  const replaceHash = (secret: HashedSecret, hash: string): void => {
    transact((writers) => writers.keys.replaceHash(secret, hash)).catch((error: unknown) =>
      logger.warn({ err: error }, 'a key could not be brought under the current secret yet'),
    );
  };
  return { previous: { pepper, replaceHash } };
};

/** Where a server that listens everywhere is reached from the machine itself. */
const reachableHost = (host: string): string => {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
};
