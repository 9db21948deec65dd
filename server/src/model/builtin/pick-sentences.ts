import type { QueryWord } from '../../core/knowledge/analyse-query.ts';
import { endOfLeadIn } from './lead-in.ts';
import { orStepsBefore, stepsAround } from './numbered-steps.ts';
import { alone, type PickedSentence, stretchOf } from './picked-sentence.ts';
import { rowAround } from './row-of-cells.ts';
import type { ScoredPassage, ScoredSentence } from './score-sentences.ts';
import type { PooledPassage, PooledSentence } from './sentence-pool.ts';
import { headWithRows, isTableHead } from './table-head.ts';

/** Sentences of an answer: one that answers, and what stands by it. */
export const maxSentences = 3;
/** Words of an answer: a chat message, not an essay. A sentence that starts below it is kept whole up to the hard limit. */
export const softMaxWords = 80;
export const hardMaxWords = 100;

/** A sentence that scores less than this share of the best one has little to add. */
const minShareOfBest = 0.8;

/** Sentences that are looked at; of some thousand in a passage of numbers each would be looked for in every list. */
const maxTried = 60;

/** What is asked: its words, and whether it asks for a name, a time or a number, which any sentence may hold. */
export type Asked = { words: readonly QueryWord[]; isForOneThing: boolean };

/** The best sentence, and as many of the next best ones as there is room for, each with what it cannot be told without. */
export const pickSentences = (passages: readonly ScoredPassage[], asked: Asked): PickedSentence[] => {
  const candidates = passages
    .flatMap(({ pooled, sentences }) => sentences.map((scored) => ({ ...scored, pooled })))
    .toSorted(byScore)
    .slice(0, maxTried);
  let picked: PickedSentence[] = [];
  const enough = (candidates[0]?.score ?? 0) * minShareOfBest;
  for (const { sentence: found, score, pooled } of candidates) {
    if (picked.length >= maxSentences || score < enough) break;
    const sentence = asked.isForOneThing ? found : orStepsBefore(pooled, found, asked.words);
    const room = softMaxWords - wordsOf(picked);
    if (picked.some((other) => covers(other, sentence)) || (picked.length > 0 && sentence.wordCount > room)) continue;
    const said = inItsPlace(pooled, sentence, { words: asked.words, room });
    const others = picked.filter((other) => !said.some((whole) => covers(whole, other)));
    const replaced = picked.filter((other) => !others.includes(other));
    // what stands in several places is said once, and of steps what there was room for at first
    if (said.length === 0 || wordsOf(said) < wordsOf(replaced)) continue;
    if (said.some(({ text }) => others.some((other) => other.text === text))) continue;
    picked = [...others, ...said];
  }
  return picked.length > 0 ? picked : candidates.slice(0, 1).map(toAlone);
};

const wordsOf = (picked: readonly PickedSentence[]): number =>
  picked.reduce((sum, { wordCount }) => sum + wordCount, 0);

const toAlone = ({ sentence }: ScoredSentence): PickedSentence => alone(sentence);

/**
 * A sentence with the row or the steps that it is part of, or with the rows or the list that it leads to, as much of them as
 * there is room for; nothing where it leads to something of which none has room or is in the passage.
 */
const inItsPlace = (
  pooled: PooledPassage,
  sentence: PooledSentence,
  wanted: { words: readonly QueryWord[]; room: number },
): PickedSentence[] => {
  const { sentences } = pooled;
  const { position } = sentence;
  if (isTableHead(sentences, position)) return headWithRows(pooled, sentence, wanted);
  const whole = rowAround(pooled, sentence, wanted.room) ?? stepsAround(pooled, sentence, wanted);
  if (whole) return [whole];
  const last = endOfLeadIn(sentences, position);
  if (last === position) return [alone(sentence)];
  const stretch = stretchOf(pooled, [position, last], wanted.room);
  return stretch ? [stretch] : [];
};

const covers = (whole: PickedSentence, part: PooledSentence): boolean =>
  whole.passage.index === part.passage.index && whole.covers.has(part.position);

const byScore = (a: ScoredSentence, b: ScoredSentence): number =>
  b.score - a.score || a.sentence.passage.index - b.sentence.passage.index || a.sentence.position - b.sentence.position;
