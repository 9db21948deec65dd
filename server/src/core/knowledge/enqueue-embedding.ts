import type { JobQueue } from '../job/job-store.ts';
import type { SourcePlace } from './vector-store.ts';

/** Asks for vectors of what can be found of a source. */
export const enqueueEmbedding = (jobs: JobQueue, { workspaceId, botId, sourceId }: SourcePlace): Promise<void> =>
  jobs.enqueue({
    workspaceId,
    kind: 'embed-source',
    payload: { botId, sourceId },
    dedupeKey: `embed-source:${sourceId}`,
  });

/** Asks for all vectors to be brought in line with the model, and with what searches them. */
export const enqueueSync = (jobs: JobQueue, runAt: number): Promise<void> =>
  jobs.enqueue({ workspaceId: null, kind: 'sync-embeddings', payload: {}, dedupeKey: 'sync-embeddings', runAt });

/** Asks for vectors of a bot to be removed whose texts it no longer has. */
export const enqueuePruning = (
  jobs: JobQueue,
  { workspaceId, botId }: Pick<SourcePlace, 'workspaceId' | 'botId'>,
  runAt?: number,
): Promise<void> =>
  jobs.enqueue({
    workspaceId,
    kind: 'prune-vectors',
    payload: { botId },
    // a later one must not hold up one that is due now
    dedupeKey: `prune-vectors:${botId}:${runAt === undefined ? 'now' : 'later'}`,
    ...(runAt === undefined ? {} : { runAt }),
  });
