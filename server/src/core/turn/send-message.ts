import { newId } from '../../kit/id.ts';
import { estimateTokens } from '../../kit/token-estimate.ts';
import { mayUseBot, type Principal, principalName } from '../access/principal.ts';
import type { Bot, OnBusy } from '../bot/bot.ts';
import type { Channel } from '../conversation/conversation.ts';
import type { ConversationReader } from '../conversation/conversation-store.ts';
import { assertLength } from '../conversation/assert-length.ts';
import { notFound, ParleyError } from '../error.ts';
import { periodAt } from '../usage/period.ts';
import { quotaSharesOf } from '../usage/quota-shares.ts';
import type { WorkspaceTermsCache } from '../usage/workspace-terms.ts';
import { instructionsOf } from './answer-turn.ts';
import { roomForCall } from './compose-context.ts';
import type { ModelCatalogue } from './model-catalogue.ts';
import type { AcceptedTurn, AcceptTurn, ClaimedTurn, Lease, QuotaShare, Turn } from './turn.ts';
import type { TurnRunner } from './turn-runner.ts';
import type { TurnStore } from './turn-store.ts';

/** Turns that may wait in one conversation. */
const maxQueuedInConversation = 5;
/** Turns that may wait or run in one process; past it new ones are refused before anything is written. */
const maxLiveTurns = 10_000;
/** How long a retry with the same Idempotency-Key finds its turn. */
const idempotencyMs = 24 * 60 * 60 * 1000;

export type SendMessageParts = {
  turns: TurnStore;
  conversations: ConversationReader;
  runner: TurnRunner;
  findBot: (workspaceId: string, botId: string) => Promise<Bot | null>;
  terms: Pick<WorkspaceTermsCache, 'find'>;
  windowOf: (bot: Bot) => Promise<number>;
  models: Pick<ModelCatalogue, 'chainOf'>;
  lease: Lease;
  maxMessageCharacters: number;
};

export type SendMessage = {
  principal: Principal;
  channel: Channel;
  botId: string | null;
  userId: string | null;
  conversationId: string | null;
  newConversation: boolean;
  text: string;
  onBusy: OnBusy | null;
  context: Record<string, string>;
  metadata: Record<string, string>;
  idempotency: { route: string; key: string; fingerprint: string } | null;
  /** True where somebody will read the text as it comes. */
  readAlong: boolean;
};

export type SentMessage = {
  turn: Turn;
  /** True where the Idempotency-Key had made this turn before. */
  replayed: boolean;
  /** As `AcceptedTurn` says it. */
  quota: { used: number; reserved: number; limit: number } | null;
};

/**
 * Accepts a message: when the promise settles it is durable, and its turn runs or waits. Throws what `TurnStore.accept`
 * throws, and not_found, invalid_request, message_too_long and overloaded.
 */
export const sendMessage = async (parts: SendMessageParts, message: SendMessage): Promise<SentMessage> => {
  if (message.text.includes('\0') || !message.text.isWellFormed()) {
    throw new ParleyError('invalid_request', 'The message must be well-formed Unicode without NUL characters.', {
      param: 'message',
    });
  }
  if (message.text.trim() === '') {
    throw new ParleyError('invalid_request', 'The message holds nothing but blanks.', { param: 'message' });
  }
  assertLength(message.text, { maxCharacters: parts.maxMessageCharacters, noun: 'message', param: 'message' });
  if (parts.runner.live.size >= maxLiveTurns) {
    throw new ParleyError('overloaded', undefined, { retryAfterSeconds: 1 });
  }
  return parts.runner.accepting(() => acceptMessage(parts, message));
};

const acceptMessage = async (parts: SendMessageParts, message: SendMessage): Promise<SentMessage> => {
  const bot = await findBot(parts, message);
  const window = await parts.windowOf(bot);
  const shares = await findShares(parts, message, bot);
  const wanted = acceptance(message, { bot, lease: parts.lease, window, shares });
  const accepted = await accept(parts, { ...wanted, ...(await findRoom(parts, bot, wanted)) }, message);
  if (accepted.kind !== 'accepted') {
    return { turn: accepted.turn, replayed: accepted.kind === 'replayed', quota: null };
  }
  const { turn, claimed, interrupted, quota } = accepted;
  if (!claimed) parts.runner.enqueue(turn);
  if (interrupted) parts.runner.stopAnywhere(interrupted, 'interrupt');
  return { turn, replayed: false, quota };
};

/**
 * The model is asked while the message is brought to the disk, and the caller hears of both together. A message that the
 * disk did not take has no turn.
 */
const accept = async (
  { turns, runner }: SendMessageParts,
  input: AcceptTurn,
  { readAlong }: SendMessage,
): Promise<AcceptedTurn> => {
  let begun = false;
  const begin = (claimed: ClaimedTurn): void => {
    // once: a turn that has ended by the time the store answers must not be run again
    if (!begun) runner.start(claimed, { readAlong });
    begun = true;
  };
  try {
    const accepted = await turns.accept(input, begin);
    if (accepted.kind === 'accepted' && accepted.claimed) begin(accepted.claimed);
    return accepted;
  } catch (error) {
    runner.stop(input.turnId, 'cancel');
    throw error;
  }
};

/** The bot that is named, or the key's only one, or that of the conversation. */
const findBot = async (parts: SendMessageParts, message: SendMessage): Promise<Bot> => {
  const { principal } = message;
  const botId = message.botId ?? onlyBot(principal) ?? (await botOfConversation(parts, message));
  if (!mayUseBot(principal, botId)) throw notFound('bot');
  const bot = await parts.findBot(principal.workspaceId, botId);
  if (!bot) throw notFound('bot');
  return bot;
};

/** Where the message counts; nowhere in test mode. */
const findShares = async (
  parts: SendMessageParts,
  { principal, userId, conversationId }: SendMessage,
  bot: Bot,
): Promise<readonly QuotaShare[]> => {
  if (principal.mode === 'test') return [];
  const known = parts.terms.find(principal.workspaceId);
  const terms = known instanceof Promise ? await known : known;
  // deleted since the caller was let in
  if (!terms) throw new ParleyError('invalid_api_key');
  if (!bot.quotas?.user || userId !== null || conversationId === null) return quotaSharesOf(terms.shares, bot, userId);
  const conversation = await parts.conversations.find(principal.workspaceId, conversationId);
  return quotaSharesOf(terms.shares, bot, conversation?.userId ?? null);
};

/** Nothing where no message joins another, which is nearly always. */
const findRoom = async (
  { models }: SendMessageParts,
  bot: Bot,
  { onBusy }: AcceptTurn,
): Promise<Pick<AcceptTurn, 'roomTokens'>> => {
  if (onBusy !== 'merge') return {};
  const { contextTokens } = await models.chainOf(bot);
  return { roomTokens: roomForCall({ bot: bot.config, instructions: instructionsOf(bot), contextTokens }) };
};

const onlyBot = ({ botIds }: Principal): string | null => {
  if (botIds?.size !== 1) return null;
  const [botId] = botIds;
  return botId ?? null;
};

const botOfConversation = async (parts: SendMessageParts, message: SendMessage): Promise<string> => {
  if (message.conversationId === null) {
    throw new ParleyError('invalid_request', 'Send `bot_id`: the key is not limited to one bot.', { param: 'bot_id' });
  }
  const conversation = await parts.conversations.find(message.principal.workspaceId, message.conversationId);
  if (!conversation || !mayUseBot(message.principal, conversation.botId)) throw notFound('conversation');
  return conversation.botId;
};

const acceptance = (
  message: SendMessage,
  { bot, lease, window, shares }: { bot: Bot; lease: Lease; window: number; shares: readonly QuotaShare[] },
): AcceptTurn => {
  const { principal } = message;
  const at = Date.now();
  const period = periodAt(at);
  const { greeting } = bot.config;
  return {
    workspaceId: principal.workspaceId,
    turnId: newId('turn'),
    botId: bot.id,
    botVersion: bot.version,
    channel: message.channel,
    mode: principal.mode,
    principal: principalName(principal),
    userId: message.userId,
    conversationId: message.conversationId,
    newConversation: message.newConversation,
    newConversationId: newId('conv'),
    onBusy: message.onBusy ?? bot.config.onBusy,
    maxQueued: maxQueuedInConversation,
    message: {
      id: newId('msg'),
      text: message.text,
      tokens: estimateTokens(message.text),
      metadata: message.metadata,
    },
    greeting: greeting.trim() === '' ? null : { id: newId('msg'), text: greeting, tokens: estimateTokens(greeting) },
    context: message.context,
    quota: {
      periodStart: period.start,
      periodEnd: period.end,
      shares,
    },
    idempotency: message.idempotency && { ...message.idempotency, expiresAt: at + idempotencyMs },
    lease,
    historyLimit: window + 1,
    memory: bot.config.memory,
    at,
  };
};
