import type { Clock } from '../../kit/clock.ts';
import type { Principal } from '../access/principal.ts';
import type { Writers } from '../store.ts';
import type { Conversation, ConversationStatus } from './conversation.ts';
import { findConversation } from './find-conversation.ts';
import { mergeMetadata, type MetadataChange } from './merge-metadata.ts';

/**
 * Changes status and metadata. Closing gives the user's next message to their latest other conversation that is not
 * closed; opening a closed one brings it back to this. Throws not_found, invalid_request.
 */
export const updateConversation = async (
  writers: Writers,
  request: {
    principal: Principal;
    conversationId: string;
    status: ConversationStatus | null;
    metadata: MetadataChange | null;
  },
  { clock }: { clock: Clock },
): Promise<Conversation> => {
  const before = await findConversation(writers.conversations, request.principal, request.conversationId);
  const after: Conversation = {
    ...before,
    status: request.status ?? before.status,
    metadata: request.metadata ? mergeMetadata(before.metadata, request.metadata) : before.metadata,
    updatedAt: Math.max(before.updatedAt, clock()),
  };
  await writers.conversations.update(after);
  return after;
};
