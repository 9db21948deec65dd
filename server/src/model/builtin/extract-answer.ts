import type { QueryWord } from '../../core/knowledge/analyse-query.ts';
import { wordsOf } from '../../core/knowledge/find-passages.ts';
import type { ContextPassage } from '../../core/turn/context.ts';
import { answerKind } from './answer-cues.ts';
import { hardMaxWords, maxSentences, pickSentences, softMaxWords } from './pick-sentences.ts';
import type { PickedSentence } from './picked-sentence.ts';
import { cellsOf } from './row-of-cells.ts';
import { scoreSentences, type ScoredPassage } from './score-sentences.ts';
import { holdsWord, type PooledPassage, poolSentences } from './sentence-pool.ts';
import { shortenSentence } from './shorten-sentence.ts';
import { isTableHead } from './table-head.ts';

/** A piece of an answer with the passage it is taken from. `rank`: 0 is the piece that answers best. */
export type AnswerPart = { index: number; text: string; quote: string; rank: number };

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
  if (isDirectAnswer(best.pooled)) {
    const { index, text: passage } = best.pooled.passage;
    return [{ index, text: passage.trim(), quote: passage.trim(), rank: 0 }];
  }
  const own = earlier === undefined ? [] : wordsOf({ query: question, earlier: undefined, languages });
  const about = aboutQuestion([best, ...others], own);
  const picked = pickSentences(about, { words: telling, isForOneThing: answerKind(text) !== null });
  const ranked = withoutLeadingHeads(picked, pool, telling);
  return inReadingOrder(picked).map((sentence) => {
    const said = shortenSentence(sentence, telling, hardMaxWords);
    return { index: sentence.passage.index, rank: ranked.indexOf(sentence), text: said, quote: sentence.quote ?? said };
  });
};

/**
 * Where the best passage has a word of the question itself, those that have none answer what was asked before it, and have
 * nothing to add. Where the best has none either, the question says little by itself.
 */
const aboutQuestion = (scored: readonly ScoredPassage[], words: readonly QueryWord[]): readonly ScoredPassage[] => {
  const own = words.filter((word) => !word.stop);
  const isAbout = ({ pooled }: ScoredPassage): boolean =>
    own.some(
      (word) =>
        word.variants.some((term) => pooled.above.has(term)) ||
        pooled.sentences.some((sentence) => holdsWord(sentence, word)),
    );
  const [best] = scored;
  return best && isAbout(best) ? scored.filter(isAbout) : scored;
};

/** A question with its own answer (FAQ), or a passage no longer than an answer may be; rows are written as rows. */
const isDirectAnswer = (pooled: PooledPassage): boolean =>
  cellsOf(pooled).length === 0 &&
  pooled.sentences.length <= maxSentences &&
  pooled.sentences.reduce((sum, sentence) => sum + sentence.wordCount, 0) <= softMaxWords;

/**
 * As they are ranked, but for the head of a table, which often has most words of a question: rows that have one which the
 * head lacks, the name of what is asked about, answer it better.
 */
const withoutLeadingHeads = (
  picked: readonly PickedSentence[],
  pool: readonly PooledPassage[],
  words: readonly QueryWord[],
): PickedSentence[] => {
  const heads = picked.filter(
    (sentence, at) =>
      picked.findIndex(({ passage }) => passage.index === sentence.passage.index) === at &&
      isTableHead(
        pool.find(({ passage }) => passage.index === sentence.passage.index)?.sentences ?? [],
        sentence.position,
      ),
  );
  const naming = picked.filter((row) =>
    heads.some(
      (head) =>
        head.passage.index === row.passage.index &&
        row.isRow &&
        words.some((word) => holdsWord(row, word) && !holdsWord(head, word)),
    ),
  );
  return [...naming, ...picked.filter((sentence) => !naming.includes(sentence))];
};

/** The passage of the best sentence first; within a passage, as it is written. */
const inReadingOrder = (picked: readonly PickedSentence[]): PickedSentence[] => {
  const order = [...new Set(picked.map((sentence) => sentence.passage.index))];
  return picked.toSorted(
    (a, b) => order.indexOf(a.passage.index) - order.indexOf(b.passage.index) || a.position - b.position,
  );
};
