import type { Clock } from '../../kit/clock.ts';
import { principalName } from '../access/principal.ts';
import type { Writers } from '../store.ts';
import { findSource, type SourceRequest } from './find-source.ts';

/** Deletes a source. From then on nothing of it is found; its chunks are removed in batches by a job. Throws not_found. */
export const deleteSource = async (
  writers: Writers,
  request: SourceRequest,
  tools: { clock: Clock; forgetKnowledge: (botId: string) => void },
): Promise<void> => {
  const { workspaceId, botId, id } = await findSource(writers, request);
  await writers.knowledge.remove(workspaceId, botId, id);
  await writers.jobs.enqueue({
    workspaceId,
    kind: 'purge-source',
    payload: { botId, sourceId: id },
    dedupeKey: `purge-source:${id}`,
  });
  await writers.audit.append({
    workspaceId,
    actor: principalName(request.principal),
    action: 'source.delete',
    target: id,
    detail: { bot_id: botId },
    at: tools.clock(),
  });
  writers.afterCommit(() => tools.forgetKnowledge(botId));
};
