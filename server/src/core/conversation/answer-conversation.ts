import type { Clock } from '../../kit/clock.ts';
import { newId } from '../../kit/id.ts';
import { estimateTokens } from '../../kit/token-estimate.ts';
import type { Principal } from '../access/principal.ts';
import { ParleyError } from '../error.ts';
import type { Writers } from '../store.ts';
import { assertLength } from './assert-length.ts';
import { type Message, textParts } from './conversation.ts';
import { findConversation } from './find-conversation.ts';

/** Looks whether somebody waits for what a person says: `AwaitedReplies.look`. */
export type LookForReplies = (conversation: { workspaceId: string; conversationId: string }) => void;

/**
 * Says something as a person, in a conversation that is in a person's hands. It is the reply of the latest turn, where
 * that waits for one; its readers get it, and endpoints the turn once more. Else it stands behind everything. Throws
 * not_found, conversation_not_taken, invalid_request, message_too_long.
 */
export const answerConversation = async (
  writers: Writers,
  request: { principal: Principal; conversationId: string; text: string; author: string | null },
  tools: { clock: Clock; maxMessageCharacters: number; lookForReplies: LookForReplies },
): Promise<Message> => {
  const { principal, text, author } = request;
  assertSayable(text, tools.maxMessageCharacters);
  const { workspaceId, id: conversationId } = await findConversation(
    writers.conversations,
    principal,
    request.conversationId,
  );
  const at = tools.clock();
  const message = await writers.conversations.answer({
    id: newId('msg'),
    workspaceId,
    conversationId,
    role: 'human',
    parts: textParts(text),
    tokens: estimateTokens(text),
    metadata: author === null ? {} : { author },
    citations: [],
    createdAt: at,
  });
  if (!message) throw new ParleyError('conversation_not_taken');
  await writers.outbox.append(
    message.turnId === null
      ? { workspaceId, type: 'message.created', subjectId: message.id, at }
      : { workspaceId, type: 'turn.completed', subjectId: message.turnId, at },
  );
  writers.afterCommit(() => tools.lookForReplies({ workspaceId, conversationId }));
  return message;
};

const assertSayable = (text: string, maxCharacters: number): void => {
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new ParleyError('invalid_request', 'The text must be well-formed Unicode without NUL characters.', {
      param: 'content',
    });
  }
  if (text.trim() === '') {
    throw new ParleyError('invalid_request', 'The text holds nothing but blanks.', { param: 'content' });
  }
  assertLength(text, { maxCharacters, noun: 'text', param: 'content' });
};
