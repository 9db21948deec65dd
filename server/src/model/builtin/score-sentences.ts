import type { QueryWord } from '../../core/knowledge/analyse-query.ts';
import { answerKind, holdsAnswer } from './answer-cues.ts';
import { holdsWord, type PooledPassage, type PooledSentence } from './sentence-pool.ts';

export type ScoredSentence = {
  sentence: PooledSentence;
  score: number;
};

export type ScoredPassage = {
  pooled: PooledPassage;
  sentences: readonly ScoredSentence[];
  score: number;
};

/**
 * What each sign adds to a sentence whose words cover the whole question (1.0). Found with the questions of XQuAD in four
 * languages, which agree; none of them decides much by itself.
 */
const weights = {
  /** Words that stand side by side in the question, and in the sentence. */
  neighbours: 0.25,
  /** Words of the sentence before: it may name what this one only calls "it". */
  before: 0.2,
  after: 0.1,
  /** Something of the kind that the question asks for. */
  kind: 0.2,
  /** The rank that the search gave the passage. */
  passage: 2,
};

/** Passages with their sentences, scored against the question. Sentences stay in order, passages come best first. */
export const scoreSentences = (
  question: string,
  words: readonly QueryWord[],
  pool: readonly PooledPassage[],
): ScoredPassage[] => {
  const rarity = wordRarity(words, pool);
  const total = rarity.reduce((sum, weight) => sum + weight, 0) || 1;
  const kind = answerKind(question);
  const best = Math.max(...pool.map(({ passage }) => passage.score), 0.001);
  return pool
    .map((pooled) => {
      const own = pooled.sentences.map((sentence) => overlap(words, rarity, sentence) / total);
      const rank = (weights.passage * pooled.passage.score) / best;
      const sentences = pooled.sentences.map((sentence, at) => ({
        sentence,
        score:
          (own[at] ?? 0) +
          weights.before * (own[at - 1] ?? 0) +
          weights.after * (own[at + 1] ?? 0) +
          weights.neighbours * neighbours(words, rarity, sentence) +
          (kind !== null && holdsAnswer(kind, sentence.text, question) ? weights.kind : 0) +
          rank,
      }));
      return { pooled, sentences, score: Math.max(0, ...sentences.map(({ score }) => score)) };
    })
    .toSorted((a, b) => b.score - a.score || a.pooled.passage.index - b.pooled.passage.index);
};

/** How much each word tells, by how few of the sentences hold it. */
const wordRarity = (words: readonly QueryWord[], pool: readonly PooledPassage[]): number[] => {
  const sentences = pool.flatMap((pooled) => pooled.sentences);
  return words.map((word) => {
    const count = sentences.filter((sentence) => holdsWord(sentence, word)).length;
    return word.weight * Math.log(1 + (sentences.length - count + 0.5) / (count + 0.5));
  });
};

const weigh = (words: readonly QueryWord[], rarity: readonly number[], counts: (word: QueryWord) => boolean): number =>
  words.reduce((sum, word, at) => sum + (counts(word) ? (rarity[at] ?? 0) : 0), 0);

const overlap = (words: readonly QueryWord[], rarity: readonly number[], sentence: PooledSentence): number =>
  weigh(words, rarity, (word) => holdsWord(sentence, word));

/** The share of the question's neighbouring words that also stand within two places of each other in the sentence. */
const neighbours = (words: readonly QueryWord[], rarity: readonly number[], sentence: PooledSentence): number => {
  let sum = 0;
  let all = 0;
  for (let at = 0; at + 1 < words.length; at++) {
    const weight = Math.min(rarity[at] ?? 0, rarity[at + 1] ?? 0);
    all += weight;
    const first = placesOf(sentence, words[at]);
    const second = placesOf(sentence, words[at + 1]);
    if (first.some((place) => second.some((other) => other > place && other - place <= 2))) sum += weight;
  }
  return all === 0 ? 0 : sum / all;
};

const placesOf = (sentence: PooledSentence, word: QueryWord | undefined): readonly number[] =>
  word?.variants.flatMap((term) => sentence.terms.get(term) ?? []) ?? [];
