import type { Clock } from '../../kit/clock.ts';
import { newId } from '../../kit/id.ts';
import { estimateTokens } from '../../kit/token-estimate.ts';
import type { Principal } from '../access/principal.ts';
import { ParleyError } from '../error.ts';
import type { Writers } from '../store.ts';
import { enqueuePacking } from '../recall/enqueue-packing.ts';
import { assertLength } from './assert-length.ts';
import { type Message, type MessageRole, textParts } from './conversation.ts';
import { findConversation } from './find-conversation.ts';

/** Messages of one call: one transaction, which others wait for. */
const maxImportedMessages = 500;

export type ImportedMessage = { role: MessageRole; text: string; createdAt: number | null };

/**
 * Brings earlier history in, behind what the conversation holds and in the order given; nothing is charged and nobody
 * answers. What was brought in is soon packed, so that recall finds all of it. Throws not_found, message_too_long, invalid_request.
 */
export const importMessages = async (
  writers: Writers,
  request: { principal: Principal; conversationId: string; messages: readonly ImportedMessage[] },
  { clock, maxMessageCharacters }: { clock: Clock; maxMessageCharacters: number },
): Promise<Message[]> => {
  const { principal, conversationId, messages } = request;
  if (messages.length > maxImportedMessages) {
    throw new ParleyError('invalid_request', `At most ${maxImportedMessages} messages are taken at once.`, {
      param: 'messages',
    });
  }
  for (const [at, { text }] of messages.entries()) {
    assertLength(text, { maxCharacters: maxMessageCharacters, noun: 'message', param: `messages.${at}.content` });
  }
  const { workspaceId, id } = await findConversation(writers.conversations, principal, conversationId);
  const now = clock();
  await enqueuePacking(writers.jobs, { workspaceId, conversationId: id });
  return writers.conversations.appendMessages(
    workspaceId,
    id,
    messages.map(({ role, text, createdAt }) => ({
      id: newId('msg'),
      workspaceId,
      conversationId: id,
      turnId: null,
      role,
      parts: textParts(text),
      tokens: estimateTokens(text),
      metadata: {},
      citations: [],
      createdAt: createdAt ?? now,
    })),
  );
};
