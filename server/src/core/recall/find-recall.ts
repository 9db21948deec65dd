import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../kit/clock.ts';
import type { Mode } from '../access/principal.ts';
import { turnSeats } from '../conversation/conversation.ts';
import { packMessages } from './pack-messages.ts';
import { type ConversationSegments, type RankedMessage, rankRecall } from './rank-recall.ts';
import { readQuestion, type RecallQuestion } from './read-question.ts';
import type { RecallRole, RecallSource } from './recall-message.ts';
import { maxListed, type RecallConversation, type RecallReader } from './recall-store.ts';
import { decodeSegment, encodeSegment, maxSegmentMessages, type Segment } from './segment-codec.ts';

/** Conversations of a person that are searched, the youngest first. */
const maxConversations = 200;
/** Segments that are searched, of 64 messages at most: the latest 16,000 messages, about a megabyte. */
const maxSegments = 256;
/** Messages that no job has packed yet: read and packed for this question alone. */
const maxUnpacked = 64;
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
  recall: Pick<RecallReader, 'conversations' | 'segments' | 'unpacked' | 'texts'>;
  /** Told that messages of a conversation wait to be packed. It must cost next to nothing, and not throw. */
  onUnpacked: (place: { workspaceId: string; conversationId: string }) => void;
  clock: Clock;
};

export type RecallInput = {
  /** The turn that asks. */
  turn: { workspaceId: string; botId: string; mode: Mode; userId: string | null; conversationId: string };
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
  const question = readQuestion(input.question, { before, now: parts.clock() });
  if (question === null) return [];
  const scopes = await findScopes(parts.recall, input);
  if (scopes.length === 0) return [];
  const ranked = await rank(parts, turn.workspaceId, { question, scopes });
  return readTexts(parts.recall, turn.workspaceId, take(ranked, input.budgetTokens * spareShare));
};

/** A conversation, and from which place on it is none of recall's business. */
type Scope = RecallConversation & { before: number };

const findScopes = async (recall: RecallParts['recall'], input: RecallInput): Promise<Scope[]> => {
  const { workspaceId, botId, mode, userId, conversationId } = input.turn;
  const here = { workspaceId, conversationId };
  const owner = userId === null ? here : { workspaceId, botId, mode, userId };
  const found = await recall.conversations(owner, maxConversations);
  // it may have been begun as another person, or be older than the youngest of them
  if (input.shownFrom !== null && !found.some(({ id }) => id === conversationId)) {
    found.push(...(await recall.conversations(here, 1)));
  }
  return found.flatMap((conversation) => {
    if (conversation.id !== conversationId) return [{ ...conversation, before: conversation.nextSeq }];
    return input.shownFrom === null ? [] : [{ ...conversation, before: input.shownFrom }];
  });
};

const rank = async (
  parts: RecallParts,
  workspaceId: string,
  { question, scopes }: { question: RecallQuestion; scopes: readonly Scope[] },
): Promise<RankedMessage[]> => {
  const packed = scopes.filter(({ packedSeq }) => packedSeq > 0).map(({ id }) => id);
  const ranges = scopes
    .filter(({ packedSeq, before }) => before - 1 > packedSeq)
    .map(({ id, packedSeq, before }) => ({ conversationId: id, after: packedSeq, before }));
  for (const { conversationId, after, before } of ranges) {
    if (before - after > turnSeats) parts.onUnpacked({ workspaceId, conversationId });
  }
  const [segments, unpacked] = await Promise.all([
    packed.length === 0 ? [] : parts.recall.segments(workspaceId, packed, maxSegments),
    ranges.length === 0 ? [] : parts.recall.unpacked(workspaceId, ranges, maxUnpacked),
  ]);
  const conversations: ConversationSegments[] = [];
  for (const scope of scopes) {
    const stored = segments.filter(({ conversationId }) => conversationId === scope.id);
    const rest = unpacked.filter(({ conversationId }) => conversationId === scope.id);
    conversations.push({
      conversationId: scope.id,
      segments: [
        ...stored.map(({ packed: bytes }) => decodeSegment(bytes)).toReversed(),
        ...(await packNow(rest.toReversed())),
      ],
      shownFrom: scope.before,
    });
  }
  return rankRecall(question, conversations);
};

/** Segment by segment, about 2 ms each, with other turns between them. */
const packNow = async (messages: readonly RecallSource[]): Promise<Segment[]> => {
  const segments: Segment[] = [];
  for (let at = 0; at < messages.length; at += maxSegmentMessages) {
    if (at > 0) await setImmediate();
    const packed = packMessages(messages.slice(at, at + maxSegmentMessages));
    if (packed.length > 0) segments.push(decodeSegment(encodeSegment(packed)));
  }
  return segments;
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
