import type { Clock } from '../../kit/clock.ts';
import { type Principal, principalName } from '../access/principal.ts';
import type { JobQueue } from '../job/job-store.ts';
import type { Writers } from '../store.ts';
import { findConversation } from './find-conversation.ts';

/** Tells whoever runs or reads these turns that they have ended. */
export type EndTurns = (workspaceId: string, turnIds: readonly string[]) => void;

/**
 * Deletes a conversation. From then on nothing finds it and its turns have ended as by a cancel: charged where text of the
 * reply was stored. Its rows are removed in batches by a job. Throws not_found.
 */
export const deleteConversation = async (
  writers: Writers,
  { principal, conversationId }: { principal: Principal; conversationId: string },
  { clock, endTurns }: { clock: Clock; endTurns: EndTurns },
): Promise<void> => {
  const { workspaceId, id, botId } = await findConversation(writers.conversations, principal, conversationId);
  const at = clock();
  const turnIds = await writers.conversations.markDeleted(workspaceId, id, at);
  await enqueuePurge(writers.jobs, { workspaceId, conversationId: id });
  await writers.audit.append({
    workspaceId,
    actor: principalName(principal),
    action: 'conversation.delete',
    target: id,
    detail: { bot_id: botId },
    at,
  });
  writers.afterCommit(() => {
    endTurns(workspaceId, turnIds);
  });
};

/** Has what belongs to a conversation removed that is marked as deleted. */
export const enqueuePurge = (
  jobs: JobQueue,
  { workspaceId, conversationId }: { workspaceId: string; conversationId: string },
): Promise<void> =>
  jobs.enqueue({
    workspaceId,
    kind: 'purge-conversation',
    payload: { conversationId },
    dedupeKey: `purge-conversation:${conversationId}`,
  });
