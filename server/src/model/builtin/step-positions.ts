import type { PooledSentence } from './sentence-pool.ts';

/** Where steps begin and end among the sentences of a passage. */
export type StepPositions = { first: number; last: number };

/**
 * The numbered items, counted up one by one, of which one is or goes on at a position, with what stands between them, as
 * the code of a step; null where there are no two of them.
 */
export const stepsAt = (sentences: readonly PooledSentence[], position: number): StepPositions | null => {
  let line = position;
  while (line > 0 && sentences[line]?.startsLine === false) line--;
  if (numberOf(sentences[line]) === null) return null;
  const starts = startsAround(sentences, line);
  const [first] = starts;
  let last = starts.at(-1);
  if (first === undefined || last === undefined || first === last) return null;
  for (let next = sentences[last + 1]; next && goesOn(next); next = sentences[last + 1]) last++;
  return { first, last };
};

/** Positions of the items that are counted up to the one at `line` and on from it. */
const startsAround = (sentences: readonly PooledSentence[], line: number): number[] => {
  const starts = [line];
  let number = numberOf(sentences[line]) ?? 0;
  let lowest = number;
  for (let at = line - 1; at >= 0 && lowest > 1; at--) {
    if (numberOf(sentences[at]) !== lowest - 1) continue;
    starts.unshift(at);
    lowest--;
  }
  for (let at = line + 1; at < sentences.length; at++) {
    const next = numberOf(sentences[at]);
    // other steps begin
    if (next === 1) break;
    if (next !== number + 1) continue;
    starts.push(at);
    number++;
  }
  return starts;
};

const numberOf = (sentence: PooledSentence | undefined): number | null => {
  const number = sentence?.isItem === true ? /^(\d{1,3})[.)] /.exec(sentence.text)?.[1] : undefined;
  return number === undefined ? null : Number(number);
};

/** A further sentence of an item, or an item below it. */
const goesOn = (sentence: PooledSentence): boolean =>
  !sentence.startsLine || (sentence.isItem && numberOf(sentence) === null);
