import type { BotCache } from '../core/bot/bot-cache.ts';
import { pepperTag } from '../core/access/key-secret.ts';
import type { DocumentParser } from '../core/knowledge/document-parser.ts';
import { createWebReader } from '../crawl/create-web-reader.ts';
import type { ModelCatalogue } from '../core/turn/model-catalogue.ts';
import type { Metrics } from '../http/metrics.ts';
import { presentWebhookEvent } from '../http/present/webhook.ts';
import { jobKinds } from '../job/job-kinds.ts';
import { wakeOnEnqueue } from '../job/wake-on-enqueue.ts';
import { WebhookSender } from '../job/webhook-sender.ts';
import { Worker } from '../job/worker.ts';
import { systemClock } from '../kit/clock.ts';
import type { Outbound } from '../kit/outbound/outbound.ts';
import type { Embeddings } from './create-embeddings.ts';
import { rememberParts } from './create-memory.ts';
import type { Turns } from './create-turns.ts';
import type { Environment } from './environment.ts';
import { failingDeliveries } from './failing-calls.ts';
import { measureAttempts, measureJobs } from './measure-backlog.ts';

export type WorkerParts = {
  documents: DocumentParser;
  outbound: Outbound;
  forgetKnowledge: (botId: string) => void;
  turns: Turns;
  bots: BotCache;
  embeddings: Embeddings;
  models: ModelCatalogue;
  metrics: Metrics;
};

/** What works outside requests: jobs, and webhooks. `transact` is the store's, and wakes the worker for a new job. */
export const createWorkers = (environment: Environment, parts: WorkerParts) => {
  const { config, secrets, logger, store, failpoint } = environment;
  const clock = systemClock;
  const { outbound, forgetKnowledge, turns } = parts;
  const countFailure = measureJobs(parts.metrics);
  const webhooks = new WebhookSender({
    readers: { ...store.readers, turns: store.turns },
    events: store.events,
    transact: store.transact,
    outbound: failingDeliveries(outbound, failpoint),
    clock,
    random: Math.random,
    present: presentWebhookEvent,
    onError: (error) => logger.error({ err: error }, 'webhooks cannot be sent'),
    onAttempt: measureAttempts(parts.metrics),
  });
  const transact = wakeOnEnqueue(store.transact, () => worker.wake());
  const worker = new Worker({
    jobs: store.jobs,
    kinds: jobKinds({
      knowledge: store.readers.knowledge,
      parser: parts.documents,
      web: createWebReader({ outbound, clock, delayMs: config.sources.crawlDelayMs }),
      transact,
      clock,
      forgetKnowledge,
      forgetVectors: forgetKnowledge,
      vectors: store.readers.vectors,
      embedTexts: parts.embeddings.texts,
      vectorDatabase: parts.embeddings.database,
      onOtherLength: ({ botId, sourceId, ...lengths }) =>
        logger.error({ bot_id: botId, source_id: sourceId, ...lengths }, 'vectors of another length are not kept'),
      eraseTraces: (signal) => store.eraseTraces(signal),
      measureTables: () =>
        // searches are slower without; the work itself is done
        store.measureTables().catch((error: unknown) => {
          logger.warn({ err: error }, 'the tables could not be measured');
        }),
      retention: store.readers.retention,
      turns: store.turns,
      jobs: store.jobs,
      turnLogsKeptMs: config.turns.logRetentionMs,
      endTurns: turns.endTurns,
      memory: rememberParts(environment, { ...parts, transact }),
      secretRotation: {
        rotation: store.readers.rotation,
        fingerprint: secrets.fingerprint,
        pepperTag: pepperTag(secrets.keyFor('key-pepper')),
      },
    }),
    owner: turns.lease.owner,
    clock,
    onFailure({ job, error, dead }) {
      countFailure(job.kind, dead);
      logger.error({ job: job.kind, job_id: job.id, dead, err: error }, 'job failed');
    },
    onStoreError: (error) => logger.error({ err: error }, 'the job table cannot be used'),
  });
  return { worker, webhooks, transact };
};
