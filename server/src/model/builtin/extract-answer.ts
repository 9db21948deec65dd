import type { QueryWord } from '../../core/knowledge/analyse-query.ts';
import { wordsOf } from '../../core/knowledge/find-passages.ts';
import type { ContextPassage } from '../../core/turn/context.ts';
import { hardMaxWords, maxSentences, pickSentences, softMaxWords } from './pick-sentences.ts';
import { scoreSentences } from './score-sentences.ts';
import { type PooledPassage, type PooledSentence, poolSentences } from './sentence-pool.ts';
import { shortenSentence } from './shorten-sentence.ts';

/** A piece of an answer with the passage it is taken from. `rank`: 0 is the piece that answers best. */
export type AnswerPart = { index: number; text: string; rank: number };

/**
 * The score a passage must be found with to answer a question. On XQuAD this is where answering what the knowledge holds
 * and refusing what it does not are best together over twelve languages.
 */
const minPassageScore = 0.4;
/** A passage that was found with less than this part of the best one's score answers something else. */
const minShareOfBestPassage = 0.5;

/** `earlier`: what the user had said before, where the question leans on it. */
export type AskedQuestion = { question: string; earlier: string | undefined };

/**
 * The sentences of the passages that answer the question best, in reading order, the best passage first; null where the
 * passages do not answer it.
 */
export const extractAnswer = (
  { question, earlier }: AskedQuestion,
  passages: readonly ContextPassage[],
): AnswerPart[] | null => {
  const bestScore = Math.max(0, ...passages.map(({ score }) => score));
  if (bestScore < minPassageScore) return null;
  const pool = poolSentences(passages.filter(({ score }) => score >= bestScore * minShareOfBestPassage));
  const languages = [...new Set(pool.map(({ language }) => language))];
  const words = wordsOf({ query: question, earlier, languages });
  if (words.length === 0) return null;
  const telling = words.filter((word) => !word.stop);
  const text = earlier === undefined ? question : `${earlier}\n${question}`;
  const [best, ...others] = scoreSentences(text, telling.length > 0 ? telling : words, pool);
  if (!best) return null;
  if (isDirectAnswer(best.pooled))
    return [{ index: best.pooled.passage.index, text: best.pooled.passage.text.trim(), rank: 0 }];
  const picked = pickSentences([best, ...others]);
  const ranked = withoutLeadingHeads(picked, telling);
  return inReadingOrder(picked).map((sentence) => ({
    index: sentence.passage.index,
    rank: ranked.indexOf(sentence),
    text: shortenSentence(sentence, telling, hardMaxWords),
  }));
};

/** A question with its own answer (FAQ), or a passage no longer than an answer may be. */
const isDirectAnswer = (pooled: PooledPassage): boolean =>
  pooled.sentences.length <= maxSentences &&
  pooled.sentences.reduce((sum, sentence) => sum + sentence.wordCount, 0) <= softMaxWords;

/**
 * As they are ranked, but for the head of a table, which often has most words of a question: rows that have one which the
 * head lacks, the name of what is asked about, answer it better.
 */
const withoutLeadingHeads = (picked: readonly PooledSentence[], words: readonly QueryWord[]): PooledSentence[] => {
  const heads = picked.filter(
    (sentence, at) =>
      isTableHead(sentence) && picked.findIndex(({ passage }) => passage.index === sentence.passage.index) === at,
  );
  const naming = picked.filter((row) =>
    heads.some(
      (head) =>
        head.passage.index === row.passage.index &&
        row.text.includes(' | ') &&
        words.some((word) => holds(row, word) && !holds(head, word)),
    ),
  );
  return [...naming, ...picked.filter((sentence) => !naming.includes(sentence))];
};

const holds = (sentence: PooledSentence, { variants }: QueryWord): boolean =>
  variants.some((variant) => sentence.terms.has(variant));

const isTableHead = ({ passage, text }: PooledSentence): boolean =>
  text.includes(' | ') &&
  passage.text
    .split('\n')
    .find((line) => line.includes(' | '))
    ?.trim() === text.trim();

/** The passage of the best sentence first; within a passage, as it is written. */
const inReadingOrder = (picked: readonly PooledSentence[]): PooledSentence[] => {
  const order = [...new Set(picked.map((sentence) => sentence.passage.index))];
  return picked.toSorted(
    (a, b) => order.indexOf(a.passage.index) - order.indexOf(b.passage.index) || a.position - b.position,
  );
};
