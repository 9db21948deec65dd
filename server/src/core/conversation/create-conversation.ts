import type { Clock } from '../../kit/clock.ts';
import { newId } from '../../kit/id.ts';
import { estimateTokens } from '../../kit/token-estimate.ts';
import type { Principal } from '../access/principal.ts';
import { findBot } from '../bot/find-bot.ts';
import type { Page } from '../page.ts';
import type { Writers } from '../store.ts';
import { type Channel, type Conversation, type Message, textParts } from './conversation.ts';

/** Places count from 1; the greeting takes the first. */
const greetingSeq = 1;

/**
 * Starts a conversation with the bot's greeting, if it has one. Where it has a user, it is the one that the user's next
 * message goes to. Throws not_found for an unknown bot.
 */
export const createConversation = async (
  writers: Writers,
  request: {
    principal: Principal;
    botId: string;
    userId: string | null;
    channel: Channel;
    metadata: Record<string, string>;
  },
  { clock }: { clock: Clock },
): Promise<{ conversation: Conversation; messages: Page<Message> }> => {
  const bot = await findBot(writers.bots, request.principal, request.botId);
  const at = clock();
  const conversation: Conversation = {
    id: newId('conv'),
    workspaceId: bot.workspaceId,
    botId: bot.id,
    userId: request.userId,
    channel: request.channel,
    status: 'open',
    assignee: null,
    mode: request.principal.mode,
    metadata: request.metadata,
    createdAt: at,
    updatedAt: at,
  };
  const { greeting: text } = bot.config;
  const greeting = text.trim() === '' ? null : greetingOf(conversation, text);
  await writers.conversations.insert(conversation, greeting);
  await writers.outbox.append({
    workspaceId: conversation.workspaceId,
    type: 'conversation.created',
    subjectId: conversation.id,
    at,
  });
  return { conversation, messages: { items: greeting ? [greeting] : [], hasMore: false } };
};

const greetingOf = (conversation: Conversation, text: string): Message => ({
  id: newId('msg'),
  workspaceId: conversation.workspaceId,
  conversationId: conversation.id,
  seq: greetingSeq,
  turnId: null,
  role: 'assistant',
  parts: textParts(text),
  tokens: estimateTokens(text),
  metadata: {},
  citations: [],
  createdAt: conversation.createdAt,
});
