import { createMovedConversations } from './compose/create-memory.ts';
import { createDocuments } from './compose/create-documents.ts';
import { createEmbeddings } from './compose/create-embeddings.ts';
import { createModels } from './compose/create-models.ts';
import { createTurns } from './compose/create-turns.ts';
import { createWeb } from './compose/create-web.ts';
import { createWorkers } from './compose/create-workers.ts';
import { measureBacklog } from './compose/measure-backlog.ts';
import { measureCommits, measureConnections } from './compose/measure-store.ts';
import { openReplicas } from './compose/open-replicas.ts';
import { shareCaches } from './compose/share-caches.ts';
import type { AppOverrides, Environment } from './compose/environment.ts';
import type { Config } from './config/config.ts';
import { sealingKeyring } from './config/sealing-keyring.ts';
import type { Secrets } from './config/secrets.ts';
import { createBotCache } from './core/bot/bot-cache.ts';
import { rememberKnowledge } from './core/knowledge/remember-knowledge.ts';
import { createTurnPassages } from './core/turn/find-turn-passages.ts';
import { builtinCatalogue, parsePlans } from './core/usage/plan-catalogue.ts';
import { createWorkspaceTerms } from './core/usage/workspace-terms.ts';
import { createMetrics, type Metrics } from './http/metrics.ts';
import { startSchedule } from './job/schedule.ts';
import { handOverEvents } from './job/hand-over-events.ts';
import { systemClock } from './kit/clock.ts';
import { Closing } from './kit/closing.ts';
import { createFailpoint } from './kit/failpoint.ts';
import { createLogger } from './kit/logger.ts';
import { createOutbound } from './kit/outbound/outbound.ts';
import { openStore } from './store/open-store.ts';

export type App = {
  /** Opens the store, takes up what an earlier process left, and listens. */
  start(): Promise<{ url: string }>;
  /** Takes nothing new, lets running turns finish within the drain time, hands the rest over, and closes everything. */
  stop(): Promise<void>;
};

/** How long jobs may take to see that the server stops. */
const jobStopMs = 5_000;

/** Puts the parts together. The caller holds the lock on the data directory. */
export const createApp = (config: Config, secrets: Secrets, overrides: AppOverrides = {}): App => {
  const logger = overrides.logger ?? createLogger(config.logLevel);
  let running: Closing | null = null;
  return {
    async start() {
      const { failpoint: plan, syncsCommits } = config.testMode;
      const failpoint = plan && createFailpoint(plan);
      const metrics = createMetrics();
      const closing = new Closing((step, error) => logger.error({ err: error, step }, 'a step of the stop failed'));
      try {
        const store = await openStore(config.store, {
          migrate: true,
          keyring: sealingKeyring(secrets),
          onError: (error) => logger.error({ err: error }, 'what follows a change failed'),
          onWarning: (text) => logger.warn(text),
          failpoint,
          syncsCommits,
          ...(config.store.kind === 'sqlite' ? { observer: measureCommits(metrics) } : {}),
        });
        closing.add(['store', () => store.close()]);
        const url = await run({ config, secrets, logger, store, failpoint, overrides }, { metrics, closing });
        running = closing;
        return { url };
      } catch (error) {
        await closing.close();
        throw error;
      }
    },
    async stop() {
      await running?.close();
      running = null;
    },
  };
};

/** Opens the other parts and serves. What is to be closed is added as it is opened, so that a start may fail anywhere. */
const run = async (
  given: Environment,
  { metrics, closing }: { metrics: Metrics; closing: Closing },
): Promise<string> => {
  const { config, logger } = given;
  const knowledge = rememberKnowledge(given.store.readers.knowledge, systemClock);
  const remembering = { ...given.store, readers: { ...given.store.readers, knowledge } };
  const store = handOverEvents(remembering, () => workers.webhooks);
  const environment = { ...given, store };
  const replicas = await openReplicas(environment);
  closing.add(['replicas', () => replicas.close()]);
  const { readers } = store;
  const plans = config.plans ? parsePlans(config.plans.json) : builtinCatalogue;
  const outbound = createOutbound(config.outbound);
  closing.add(['outbound', () => outbound.close()]);
  const { models, workspaceModels } = createModels(environment, outbound);
  closing.add(['models', () => models.close()]);
  const documents = createDocuments(environment);
  measureConnections(metrics, store.connections);
  measureBacklog(metrics, {
    reader: readers.backlog,
    onError: (error) => logger.warn({ err: error }, 'what is left to do cannot be counted'),
  });
  const embeddings = createEmbeddings(environment, metrics);
  closing.add(['documents', () => documents.close()], ['embeddings', () => embeddings.close()]);
  const parts = {
    replicas,
    embeddings,
    models,
    plans,
    workspaceModels,
    terms: createWorkspaceTerms(readers.workspaces, plans, systemClock),
    metrics,
    bots: createBotCache(readers.bots, systemClock),
    passages: createTurnPassages(knowledge, embeddings.search),
  };
  const shared = shareCaches(replicas.caches, parts);
  const moved = createMovedConversations(environment, () => workers.transact);
  const turns = createTurns(environment, parts, (conversation) => moved.note(conversation));
  closing.add(['token counter', () => turns.tokenCounter.close()]);
  const workers = createWorkers(environment, {
    ...parts,
    documents,
    outbound,
    forgetKnowledge: shared.forgetKnowledge,
    turns,
  });
  const web = await createWeb(environment, {
    ...parts,
    outbound,
    shared,
    turns,
    transact: workers.transact,
    wakeWebhooks: () => workers.webhooks.wake(),
  });
  closing.add(['last uses of keys', () => web.flush()]);
  const schedule = startSchedule({
    transact: workers.transact,
    onError: (error) => logger.error({ err: error }, 'the schedule cannot be kept'),
  });
  let refusing = Promise.resolve();
  closing.add(
    ['schedule', () => schedule.stop()],
    [
      'new requests',
      () => {
        refusing = web.close();
        // it ends during the drain, and whether it failed is asked behind that: till then it is nobody's unforeseen error
        refusing.catch(() => {});
      },
    ],
    ['drain', () => turns.runner.drain(config.drainMs)],
    ['sweeper', () => turns.sweeper.stop()],
    ['hand-over', () => turns.runner.handOver()],
    ['followed turns', () => turns.relay.close()],
    ['streams', () => web.closeStreams()],
    ['web', () => web.cut(refusing)],
    ['jobs', () => workers.worker.stop(jobStopMs)],
    // behind the worker, which would begin them
    ['conversations to remember', () => moved.stop()],
    ['webhooks', () => workers.webhooks.stop(jobStopMs)],
  );
  await turns.sweeper.start({ soleOwner: config.store.kind === 'sqlite' });
  workers.worker.start();
  moved.start();
  workers.webhooks.start();
  return web.listen();
};
