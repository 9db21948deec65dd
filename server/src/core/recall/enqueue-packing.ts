import type { JobQueue } from '../job/job-store.ts';
import type { ConversationPlace } from '../memory/memory-store.ts';

/**
 * Asks for what a conversation holds to be packed for recall, and for nothing that takes a model: what was brought in may
 * be the histories of many thousand people, of whom few come back.
 */
export const enqueuePacking = (jobs: JobQueue, { workspaceId, conversationId }: ConversationPlace): Promise<void> =>
  jobs.enqueue({
    workspaceId,
    kind: 'pack-conversation',
    payload: { conversationId },
    dedupeKey: `pack-conversation:${conversationId}`,
  });
