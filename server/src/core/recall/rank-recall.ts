import { sittingGapMs } from './index-block.ts';
import type { RecallQuestion } from './read-question.ts';
import { type ConversationBlocks, type Place, RecallIndex } from './recall-index.ts';
import type { RecallMessage } from './recall-message.ts';

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

/** Messages with a word of the question whose neighbours are looked at, those with rare words first. */
const maxHits = 768;
/** Sittings that are looked at as a whole, the best first. */
const maxSittings = 16;
/** Messages of the days asked for, the latest first. */
const maxDated = 1_024;
/** How far around a message its neighbours count. */
const reach = 2;

/** So often, and so many times as often by one side, a name must be spoken to before it is known to be the other's. */
const minAddresses = 3;
const addressRatio = 3;

export type RankedMessage = {
  conversationId: string;
  message: RecallMessage;
  /** 0 to 1: the part of what the best conceivable message would get. */
  score: number;
  /** True where it holds a word of the question itself. */
  matched: boolean;
};

/**
 * Best first. Messages that have nothing of the question around them are absent. What it costs is bounded by the words
 * of the question and by the messages that hold them, and not by all there are.
 */
export const rankRecall = (question: RecallQuestion, conversations: readonly ConversationBlocks[]): RankedMessage[] => {
  const terms = question.words.reduce((sum, word) => sum + word.terms.length, question.names.length);
  const index = new RecallIndex(conversations, terms);
  const said = addWords(index, question.words);
  const dated = said.ideal === 0 ? question.range : null;
  if (said.ideal === 0 && dated === null) return [];
  const candidates = dated ? index.between(dated.from, dated.before, maxDated) : placesAround(index, said);
  const asked = roleAsked(index, question.names);
  let best = 0;
  const scored = candidates.map((at) => {
    const place = index.place(at);
    const score = (dated ? 1 : sumOf(index, said, at)) * factorOf(question, place.message, asked);
    if (isUnseen(place)) best = Math.max(best, score);
    return { place, score, matched: (said.own[at] ?? 0) > 0 };
  });
  const most = dated ? best : said.ideal * (saturation + 1) * (1 + beforeShare + behindShare + sittingWeight);
  return scored
    .filter(({ place, score }) => score > 0 && score >= best * floorShare && isUnseen(place))
    .map(({ place: { conversation, message }, score, matched }) => ({
      ranked: {
        conversationId: conversation.conversationId,
        message,
        score: Math.min(1, score / most),
        matched,
      },
      worth: score / (message.tokens + costOffset) ** costPower,
    }))
    .toSorted((one, other) => other.worth - one.worth || other.ranked.message.createdAt - one.ranked.message.createdAt)
    .map(({ ranked }) => ranked);
};

const isUnseen = ({ conversation, message }: Place): boolean =>
  conversation.shownFrom === null || message.seq < conversation.shownFrom;

/** What is said of the question. */
type Said = {
  /** By each message itself. */
  own: Float64Array;
  /** By each sitting, and one of its places with a word. */
  sittings: Map<number, { sum: number; at: number }>;
  /** What a message would get that says all of it once. */
  ideal: number;
  hits: Set<number>;
};

const addWords = (index: RecallIndex, words: RecallQuestion['words']): Said => {
  const said: Said = { own: new Float64Array(index.size), sittings: new Map(), ideal: 0, hits: new Set() };
  const found = words
    .map(({ terms, weight }) => ({ weight, ...index.find(terms) }))
    .filter(({ places }) => places.size > 0)
    .toSorted((one, other) => one.places.size - other.places.size);
  for (const word of found) {
    if (said.hits.size > 0 && said.hits.size + word.places.size > maxHits) break;
    addWord(index, word, said);
  }
  return said;
};

/** Adds a word's part to messages and sittings. */
const addWord = (
  index: RecallIndex,
  { weight, places, unseen }: { weight: number; places: ReadonlyMap<number, number>; unseen: number },
  to: Said,
): void => {
  const rarity = inverseFrequency(places.size * unseen, index.size);
  const bySitting = new Map<number, { at: number; count: number }>();
  for (const [at, count] of places) {
    const { message, sitting } = index.place(at);
    to.hits.add(at);
    to.own[at] = (to.own[at] ?? 0) + weight * rarity * saturated(count, message.length / index.meanLength);
    bySitting.set(sitting, { at, count: (bySitting.get(sitting)?.count ?? 0) + count });
  }
  const sittingRarity = inverseFrequency(bySitting.size * unseen, index.sittings);
  for (const [sitting, { at, count }] of bySitting) {
    const length = index.sittingLength(at) / index.meanSittingLength;
    const sum = (to.sittings.get(sitting)?.sum ?? 0) + weight * sittingRarity * saturated(count, length);
    to.sittings.set(sitting, { sum, at });
  }
  to.ideal += weight * rarity;
};

const inverseFrequency = (withWord: number, all: number): number =>
  Math.log(1 + (all - withWord + 0.5) / (withWord + 0.5));

const saturated = (count: number, relativeLength: number): number =>
  (count * (saturation + 1)) / (count + saturation * (1 - lengthPenalty + lengthPenalty * relativeLength));

/** Messages with a word of the question, those around them, and the sittings that say most of it. */
const placesAround = (index: RecallIndex, { hits, sittings }: Said): number[] => {
  const places = new Set<number>();
  for (const at of hits) {
    for (let near = Math.max(0, at - reach); near <= Math.min(index.size - 1, at + reach); near++) places.add(near);
  }
  const best = [...sittings.values()].toSorted((one, other) => other.sum - one.sum).slice(0, maxSittings);
  for (const { at } of best) for (const each of index.sittingAround(at)) places.add(each);
  return [...places];
};

/** What a message says of the question, with what it gets from its neighbours and from its sitting. */
const sumOf = (index: RecallIndex, { own, sittings }: Said, at: number): number => {
  const { conversation, message, sitting } = index.place(at);
  const near = (other: number): number => {
    const said = own[other] ?? 0;
    if (said === 0) return 0;
    const place = index.place(other);
    const isNear = Math.abs(place.message.createdAt - message.createdAt) <= sittingGapMs;
    const handsOn = other === at - 1 && place.message.asks ? 1 + answerGain : 1;
    return place.conversation === conversation && isNear ? said * handsOn : 0;
  };
  return (
    (own[at] ?? 0) +
    beforeShare * near(at - 1) +
    behindShare * near(at + 1) +
    twoAwayShare * (near(at - 2) + near(at + 2)) +
    sittingWeight * (sittings.get(sitting)?.sum ?? 0)
  );
};

const factorOf = (question: RecallQuestion, message: RecallMessage, asked: 'user' | 'other' | null): number => {
  const { range } = question;
  const side = message.role === 'user' ? 'user' : 'other';
  const inRange = range !== null && message.createdAt >= range.from && message.createdAt < range.before;
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
    for (const at of index.find([name]).places.keys()) {
      if (index.place(at).message.role === 'user') byUser += 1;
      else byOther += 1;
    }
    if (byOther >= minAddresses && byOther >= addressRatio * byUser) sides.add('user');
    else if (byUser >= minAddresses && byUser >= addressRatio * byOther) sides.add('other');
  }
  const [side] = sides;
  return sides.size === 1 ? (side ?? null) : null;
};
