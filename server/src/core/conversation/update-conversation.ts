import type { Clock } from '../../kit/clock.ts';
import type { Principal } from '../access/principal.ts';
import { ParleyError } from '../error.ts';
import type { Writers } from '../store.ts';
import type { LookForReplies } from './answer-conversation.ts';
import type { Conversation, ConversationStatus } from './conversation.ts';
import { findConversation } from './find-conversation.ts';
import { mergeMetadata, type MetadataChange } from './merge-metadata.ts';

/**
 * Changes status, assignee and metadata. `human` gives the conversation to a person, which is told to endpoints; any other
 * status takes it back, and ends the wait of those who hoped for a reply. Closing gives the user's next message to their latest other conversation that is not
 * closed; opening a closed one brings it back to this. Throws not_found, invalid_request.
 */
export const updateConversation = async (
  writers: Writers,
  request: {
    principal: Principal;
    conversationId: string;
    status: ConversationStatus | null;
    /** Undefined leaves it; it goes with the status `human`. */
    assignee: string | null | undefined;
    metadata: MetadataChange | null;
  },
  { clock, lookForReplies }: { clock: Clock; lookForReplies: LookForReplies },
): Promise<Conversation> => {
  const before = await findConversation(writers.conversations, request.principal, request.conversationId);
  const status = request.status ?? before.status;
  if (status !== 'human' && request.assignee != null) {
    throw new ParleyError('invalid_request', 'A conversation has an `assignee` while its status is `human`.', {
      param: 'assignee',
    });
  }
  const after: Conversation = {
    ...before,
    status,
    assignee: status === 'human' ? assigneeOf(before, request.assignee) : null,
    metadata: request.metadata ? mergeMetadata(before.metadata, request.metadata) : before.metadata,
    updatedAt: Math.max(before.updatedAt, clock()),
  };
  await writers.conversations.update(after);
  const { workspaceId, id: conversationId, updatedAt: at } = after;
  if (status === 'human' && before.status !== 'human') {
    await writers.outbox.append({ workspaceId, type: 'conversation.handoff', subjectId: conversationId, at });
  }
  writers.afterCommit(() => lookForReplies({ workspaceId, conversationId }));
  return after;
};

/** A conversation that changes hands without a name has none. */
const assigneeOf = (before: Conversation, wanted: string | null | undefined): string | null =>
  wanted === undefined && before.status === 'human' ? before.assignee : (wanted ?? null);
