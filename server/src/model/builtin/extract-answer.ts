import { analyseQuery } from '../../core/knowledge/analyse-query.ts';
import type { ContextPassage } from '../../core/turn/context.ts';
import { type ScoredPassage, type ScoredSentence, scoreSentences } from './score-sentences.ts';
import { type PooledPassage, type PooledSentence, poolSentences } from './sentence-pool.ts';
import { shortenSentence } from './shorten-sentence.ts';

/** A piece of an answer with the passage it is taken from. */
export type AnswerPart = { index: number; text: string };

/** Sentences of an answer: one that answers, and what stands by it. */
const maxSentences = 3;
/** Words of an answer: a chat message, not an essay. A sentence that starts below it is kept whole up to the hard limit. */
const softMaxWords = 80;
const hardMaxWords = 100;

/** A sentence that scores less than this share of the best one has little to add. */
const minShareOfBest = 0.8;

/** The score a passage must be found with to answer a question: from here on it does so as often as not. */
const minPassageScore = 0.5;

export type AnswerBounds = {
  /** 0 to 1: the best passage must be found with this score. */
  minPassageScore: number;
  /** 0 to 1: and hold this share of the question's words, by their weight. */
  minCoverage: number;
};

/** For a question that stands by itself: the search has weighed it against the whole knowledge. */
const ownQuestion: AnswerBounds = { minPassageScore, minCoverage: 0 };

/**
 * The sentences of the passages that answer the question best, in reading order, the best passage first; null where the
 * passages do not answer it.
 */
export const extractAnswer = (
  question: string,
  passages: readonly ContextPassage[],
  bounds: AnswerBounds = ownQuestion,
): AnswerPart[] | null => {
  const words = analyseQuery(question);
  const telling = words.filter((word) => !word.stop);
  if (words.length === 0 || !passages.some(({ score }) => score >= bounds.minPassageScore)) return null;
  const scored = scoreSentences(question, telling.length > 0 ? telling : words, poolSentences(passages));
  const [best] = scored;
  if (!best || best.coverage < bounds.minCoverage) return null;
  if (isDirectAnswer(best.pooled)) return [{ index: best.pooled.passage.index, text: best.pooled.passage.text.trim() }];
  return inReadingOrder(pickSentences(scored)).map((sentence) => ({
    index: sentence.passage.index,
    text: shortenSentence(sentence, telling, hardMaxWords),
  }));
};

/** A question with its own answer (FAQ), or a passage no longer than an answer may be. */
const isDirectAnswer = (pooled: PooledPassage): boolean =>
  pooled.sentences.length <= maxSentences &&
  pooled.sentences.reduce((sum, sentence) => sum + sentence.wordCount, 0) <= softMaxWords;

/** The best sentence, and as many of the next best ones as there is room for. */
const pickSentences = (passages: readonly ScoredPassage[]): PooledSentence[] => {
  const candidates = passages.flatMap((passage) => passage.sentences).toSorted(byScore);
  const picked: PooledSentence[] = [];
  let words = 0;
  const enough = (candidates[0]?.score ?? 0) * minShareOfBest;
  for (const { sentence, score } of candidates) {
    if (picked.length === maxSentences || score < enough) break;
    if (picked.length > 0 && words + sentence.wordCount > softMaxWords) continue;
    picked.push(sentence);
    words += sentence.wordCount;
  }
  return picked;
};

const byScore = (a: ScoredSentence, b: ScoredSentence): number =>
  b.score - a.score || a.sentence.passage.index - b.sentence.passage.index || a.sentence.position - b.sentence.position;

/** The passage of the best sentence first; within a passage, as it is written. */
const inReadingOrder = (picked: readonly PooledSentence[]): PooledSentence[] => {
  const order = [...new Set(picked.map((sentence) => sentence.passage.index))];
  return picked.toSorted(
    (a, b) => order.indexOf(a.passage.index) - order.indexOf(b.passage.index) || a.position - b.position,
  );
};
