import type { RecallMessage } from './recall-message.ts';
import type { RecallQuestion } from './read-question.ts';
import type { Segment } from './segment-codec.ts';

/**
 * Which of a user's older messages bear on a question: BM25 (S. Robertson and H. Zaragoza, "The Probabilistic Relevance
 * Framework: BM25 and Beyond", 2009) over single messages and over whole sittings, spread to the neighbours of a message,
 * since an answer seldom repeats the words of what it answers. The figures were chosen on conversations of LoCoMo, each
 * tried on the ones it had not seen; they are flat around their best.
 */
const saturation = 1.2;
const lengthPenalty = 0.5;
const sittingWeight = 0.6;
/** What a message gets of what the one before it, behind it, and two away say of the question. */
const beforeShare = 0.5;
const behindShare = 0.5;
const twoAwayShare = 0.15;
/** A question before it hands on so much more: the message is its answer. */
const answerGain = 1;
/** A question tells less than an answer. */
const askingFactor = 0.8;
const roleFactor = 1.6;
const selfFactor = 1.2;
const rangeFactor = 1.6;
/** Shorter messages are courtesies more often than not. */
const fullLength = 12;
const shortPower = 0.2;
/** A long message takes the place of several. */
const costPower = 0.4;
const costOffset = 14;
/** Below this part of the best, a message does not bear on the question. */
const floorShare = 0.1;

/** After so long a silence another sitting begins; one that does not end is cut. */
const sittingGapMs = 3 * 3_600_000;
const maxSittingMessages = 40;

/** So often, and so many times as often by one side, a name must be spoken to before it is known to be the other's. */
const minAddresses = 3;
const addressRatio = 3;

export type ConversationSegments = {
  conversationId: string;
  /** In the order of their places. */
  segments: readonly Segment[];
  /** From this place on messages are shown anyway; null where none are. */
  shownFrom: number | null;
};

export type RankedMessage = {
  conversationId: string;
  message: RecallMessage;
  /** 0 to 1: the part of what the best conceivable message would get. */
  score: number;
  /** True where it holds a word of the question itself. */
  matched: boolean;
};

type Place = {
  conversation: ConversationSegments;
  message: RecallMessage;
  sitting: number;
};

/** Best first. Messages that have nothing of the question around them are absent. */
export const rankRecall = (
  question: RecallQuestion,
  conversations: readonly ConversationSegments[],
): RankedMessage[] => {
  const index = new RecallIndex(conversations);
  const { places } = index;
  if (places.length === 0) return [];
  const own = new Float64Array(places.length);
  const sittings = new Float64Array(index.sittingLengths.length);
  let ideal = 0;
  for (const { terms, weight } of question.words) {
    ideal += weight * addWord(index, terms, { weight, own, sittings });
  }
  const dated = ideal === 0 && question.range !== null;
  if (ideal === 0 && !dated) return [];
  const asked = roleAsked(index, question.names);
  const scores = places.map((place, at) => {
    const said = spread(index, own, at) + sittingWeight * (sittings[place.sitting] ?? 0) + (dated ? 1 : 0);
    return said * factorOf(question, place.message, { asked, dated });
  });
  const best = scores.reduce((most, score) => Math.max(most, score), 0);
  const most = dated ? best : ideal * (saturation + 1) * (1 + beforeShare + behindShare + sittingWeight);
  return places
    .map(({ conversation, message }, at) => ({
      conversation,
      sum: scores[at] ?? 0,
      ranked: {
        conversationId: conversation.conversationId,
        message,
        score: Math.min(1, (scores[at] ?? 0) / most),
        matched: (own[at] ?? 0) > 0,
      },
    }))
    .filter(
      ({ conversation, sum, ranked }) =>
        sum > 0 &&
        sum >= best * floorShare &&
        (conversation.shownFrom === null || ranked.message.seq < conversation.shownFrom),
    )
    .map(({ ranked, sum }) => ({ ranked, worth: sum / (ranked.message.tokens + costOffset) ** costPower }))
    .toSorted((one, other) => other.worth - one.worth || other.ranked.message.createdAt - one.ranked.message.createdAt)
    .map(({ ranked }) => ranked);
};

/** Adds a word's part to messages and sittings; gives its rarity. */
const addWord = (
  index: RecallIndex,
  terms: readonly number[],
  to: { weight: number; own: Float64Array; sittings: Float64Array },
): number => {
  const hits = index.find(terms);
  if (hits.size === 0) return 0;
  const rarity = inverseFrequency(hits.size, index.places.length);
  const bySitting = new Map<number, number>();
  for (const [at, count] of hits) {
    const { message, sitting } = index.places[at]!;
    to.own[at] = (to.own[at] ?? 0) + to.weight * rarity * saturated(count, message.length / index.meanLength);
    bySitting.set(sitting, (bySitting.get(sitting) ?? 0) + count);
  }
  const sittingRarity = inverseFrequency(bySitting.size, index.sittingLengths.length);
  for (const [sitting, count] of bySitting) {
    const length = (index.sittingLengths[sitting] ?? 0) / index.meanSittingLength;
    to.sittings[sitting] = (to.sittings[sitting] ?? 0) + to.weight * sittingRarity * saturated(count, length);
  }
  return rarity;
};

const inverseFrequency = (withWord: number, all: number): number =>
  Math.log(1 + (all - withWord + 0.5) / (withWord + 0.5));

const saturated = (count: number, relativeLength: number): number =>
  (count * (saturation + 1)) / (count + saturation * (1 - lengthPenalty + lengthPenalty * relativeLength));

/** What a message says of the question, with what it gets from its neighbours in the sitting. */
const spread = ({ places }: RecallIndex, own: Float64Array, at: number): number => {
  const { sitting } = places[at]!;
  const near = (other: number): number => (places[other]?.sitting === sitting ? (own[other] ?? 0) : 0);
  const handedOn = beforeShare * (places[at - 1]?.message.asks ? 1 + answerGain : 1);
  return (
    (own[at] ?? 0) + handedOn * near(at - 1) + behindShare * near(at + 1) + twoAwayShare * (near(at - 2) + near(at + 2))
  );
};

const factorOf = (
  question: RecallQuestion,
  message: RecallMessage,
  { asked, dated }: { asked: 'user' | 'other' | null; dated: boolean },
): number => {
  const { range } = question;
  const side = message.role === 'user' ? 'user' : 'other';
  const inRange = range !== null && message.createdAt >= range.from && message.createdAt < range.before;
  if (dated && !inRange) return 0;
  return (
    (message.asks ? askingFactor : 1) *
    (asked === side ? roleFactor : 1) *
    (question.aboutSelf && side === 'user' ? selfFactor : 1) *
    (inRange ? rangeFactor : 1) *
    Math.min(1, (message.length + 1) / fullLength) ** shortPower
  );
};

/** Who bears a name of the question: the side that does not speak to it. Null where that is not clear. */
const roleAsked = (index: RecallIndex, names: readonly number[]): 'user' | 'other' | null => {
  const sides = new Set<'user' | 'other'>();
  for (const name of names) {
    let byUser = 0;
    let byOther = 0;
    for (const at of index.find([name]).keys()) {
      if (index.places[at]?.message.role === 'user') byUser += 1;
      else byOther += 1;
    }
    if (byOther >= minAddresses && byOther >= addressRatio * byUser) sides.add('user');
    else if (byUser >= minAddresses && byUser >= addressRatio * byOther) sides.add('other');
  }
  const [side] = sides;
  return sides.size === 1 ? (side ?? null) : null;
};

/** Messages of all conversations in one row, in the order in which they were said within each. */
class RecallIndex {
  readonly places: Place[] = [];
  readonly sittingLengths: number[] = [];
  readonly meanLength: number;
  readonly meanSittingLength: number;
  readonly #segments: { segment: Segment; first: number }[] = [];

  constructor(conversations: readonly ConversationSegments[]) {
    let terms = 0;
    for (const conversation of conversations) {
      let size = maxSittingMessages;
      let last = 0;
      for (const segment of conversation.segments) {
        this.#segments.push({ segment, first: this.places.length });
        for (const message of segment.messages) {
          if (size >= maxSittingMessages || Math.abs(message.createdAt - last) > sittingGapMs) {
            this.sittingLengths.push(0);
            size = 0;
          }
          const sitting = this.sittingLengths.length - 1;
          this.places.push({ conversation, message, sitting });
          this.sittingLengths[sitting] = (this.sittingLengths[sitting] ?? 0) + message.length;
          terms += message.length;
          size += 1;
          last = message.createdAt;
        }
      }
    }
    this.meanLength = Math.max(1, terms / Math.max(1, this.places.length));
    this.meanSittingLength = Math.max(1, terms / Math.max(1, this.sittingLengths.length));
  }

  /** Places that hold any of the terms, with how often. */
  find(terms: readonly number[]): Map<number, number> {
    const hits = new Map<number, number>();
    for (const { segment, first } of this.#segments) {
      for (const term of terms) {
        segment.find(term, (index, count) => hits.set(first + index, (hits.get(first + index) ?? 0) + count));
      }
    }
    return hits;
  }
}
