import type { NewJob } from '../job/job-store.ts';
import type { ConversationPlace } from './memory-store.ts';

/**
 * One job is enough for a conversation while it waits. They come in the order of their keys, so that of two servers which
 * add some of the same none waits for the other in a circle.
 */
export const rememberJobs = (places: readonly ConversationPlace[]): NewJob[] =>
  places
    .map(({ workspaceId, conversationId }) => ({
      workspaceId,
      kind: 'remember-conversation' as const,
      payload: { conversationId },
      dedupeKey: `remember-conversation:${conversationId}`,
    }))
    .toSorted((one, other) => (one.dedupeKey < other.dedupeKey ? -1 : 1));
