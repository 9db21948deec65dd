import type { Clock } from '../../kit/clock.ts';
import { principalName } from '../access/principal.ts';
import type { Writers } from '../store.ts';
import { enqueueProcessing } from './enqueue-processing.ts';
import { findSource, type SourceRequest } from './find-source.ts';
import type { Source } from './source.ts';

/** Reads a source again; until that is done it is found as it was. Throws not_found. */
export const refreshSource = async (writers: Writers, request: SourceRequest, clock: Clock): Promise<Source> => {
  const source = await findSource(writers, request);
  const queued: Source = {
    ...source,
    status: 'queued',
    error: null,
    progress: 0,
    revision: source.revision + 1,
    updatedAt: clock(),
  };
  await writers.knowledge.update(queued);
  await enqueueProcessing(writers.jobs, queued);
  await writers.audit.append({
    workspaceId: source.workspaceId,
    actor: principalName(request.principal),
    action: 'source.refresh',
    target: source.id,
    detail: { bot_id: source.botId },
    at: queued.updatedAt,
  });
  return queued;
};
