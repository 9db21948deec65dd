import type { NewJob } from '../job/job-store.ts';
import type { ConversationPlace } from './memory-store.ts';

/** One job is enough for a conversation while it waits. */
export const rememberJob = ({ workspaceId, conversationId }: ConversationPlace): NewJob => ({
  workspaceId,
  kind: 'remember-conversation',
  payload: { conversationId },
  dedupeKey: `remember-conversation:${conversationId}`,
});
