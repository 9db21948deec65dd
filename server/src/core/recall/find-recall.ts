import type { Clock } from '../../kit/clock.ts';
import type { Mode } from '../access/principal.ts';
import { type RankedMessage, rankRecall } from './rank-recall.ts';
import { hear, understand } from './read-question.ts';
import type { RecallIndexes, RecallScope } from './recall-indexes.ts';
import type { RecallRole } from './recall-message.ts';
import { maxListed, type RecallReader } from './recall-store.ts';

/** Conversations of a person that are searched, the youngest first. */
const maxConversations = 200;
/** Messages whose texts are read; far more than a budget holds. */
const maxTexts = maxListed;
/** How much more than the budget is brought along, so that what is left out again leaves no hole. */
const spareShare = 1.25;

/** An older message that bears on the question. */
export type RecalledMessage = {
  messageId: string;
  conversationId: string;
  seq: number;
  role: RecallRole;
  text: string;
  createdAt: number;
  /** Of the text alone. */
  tokens: number;
  /** 0 to 1. */
  score: number;
  reason: RecallReason;
};

/** `words`: it has words of the question. `nearby`: it stands beside what has, or was said in the time asked for. */
export type RecallReason = 'words' | 'nearby';

export type RecallParts = {
  recall: Pick<RecallReader, 'conversations' | 'texts'>;
  indexes: RecallIndexes;
  clock: Clock;
};

export type RecallInput = {
  /** The turn that asks; `seqBase`: the place of its message. */
  turn: {
    workspaceId: string;
    botId: string;
    mode: Mode;
    userId: string | null;
    conversationId: string;
    seqBase: number;
  };
  /** Above zero. */
  budgetTokens: number;
  question: string;
  /** What the user had said before in this conversation, or null. */
  before: string | null;
  /** Messages before this place are not shown anyway; null where the whole conversation is. */
  shownFrom: number | null;
};

/**
 * Older messages of the turn's user with this bot, in this conversation and all others, best first, with their texts:
 * somewhat more than the bot's budget for them. A user without any costs one look-up, and an anonymous conversation that is
 * shown whole costs none.
 */
export const findRecall = async (parts: RecallParts, input: RecallInput): Promise<RecalledMessage[]> => {
  const { turn, before } = input;
  if (turn.userId === null && input.shownFrom === null) return [];
  const heard = hear(input.question);
  if (heard === null) return [];
  const scopes = await findScopes(parts.recall, input);
  if (scopes.length === 0) return [];
  const question = understand(heard, { before, now: parts.clock() });
  if (question === null) return [];
  const ranked = rankRecall(question, await parts.indexes.load(turn.workspaceId, scopes));
  return readTexts(parts.recall, turn.workspaceId, take(ranked, input.budgetTokens * spareShare));
};

const findScopes = async (recall: RecallParts['recall'], input: RecallInput): Promise<RecallScope[]> => {
  const { workspaceId, botId, mode, userId, conversationId, seqBase } = input.turn;
  const here = { workspaceId, conversationId };
  const owner = userId === null ? here : { workspaceId, botId, mode, userId };
  const found = await recall.conversations(owner, maxConversations);
  // it may have been begun as another person, or be older than the youngest of them
  if (input.shownFrom !== null && !found.some(({ id }) => id === conversationId)) {
    found.push(...(await recall.conversations(here, 1)));
  }
  return found.flatMap((conversation) => {
    if (conversation.id !== conversationId) return [{ ...conversation, before: conversation.nextSeq }];
    if (input.shownFrom === null) return [];
    // what came before this turn has ended; and the question itself would be found before everything
    return [{ ...conversation, nextSeq: seqBase, isSettled: true, before: input.shownFrom }];
  });
};

const take = (ranked: readonly RankedMessage[], tokens: number): RankedMessage[] => {
  const taken: RankedMessage[] = [];
  let left = tokens;
  for (const candidate of ranked) {
    if (left <= 0 || taken.length === maxTexts) break;
    left -= candidate.message.tokens;
    taken.push(candidate);
  }
  return taken;
};

const readTexts = async (
  recall: RecallParts['recall'],
  workspaceId: string,
  ranked: readonly RankedMessage[],
): Promise<RecalledMessage[]> => {
  if (ranked.length === 0) return [];
  const places = ranked.map(({ conversationId, message }) => ({ conversationId, seq: message.seq }));
  const texts = new Map(
    (await recall.texts(workspaceId, places)).map((text) => [`${text.conversationId} ${text.seq}`, text]),
  );
  return ranked.flatMap(({ conversationId, message, score, matched }) => {
    const found = texts.get(`${conversationId} ${message.seq}`);
    if (!found) return [];
    return {
      messageId: found.id,
      conversationId,
      seq: message.seq,
      role: message.role,
      text: found.text,
      createdAt: found.createdAt,
      tokens: message.tokens,
      score,
      reason: matched ? ('words' as const) : ('nearby' as const),
    };
  });
};
