import type { JobQueue } from '../job/job-store.ts';
import type { Source } from './source.ts';

/** Asks for the source's revision to be made ready. */
export const enqueueProcessing = (jobs: JobQueue, { workspaceId, botId, id, revision }: Source): Promise<void> =>
  jobs.enqueue({
    workspaceId,
    kind: 'process-source',
    payload: { botId, sourceId: id, revision },
    dedupeKey: `process-source:${id}:${revision}`,
  });
