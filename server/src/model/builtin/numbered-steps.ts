import type { QueryWord } from '../../core/knowledge/analyse-query.ts';
import { leadsOn } from './lead-in.ts';
import { alone, type PickedSentence, stretchOf } from './picked-sentence.ts';
import { holdsWord, type PooledPassage, type PooledSentence } from './sentence-pool.ts';
import { stepsAt } from './step-positions.ts';

/**
 * The steps that a sentence is one of, in order from the first, with what leads to them, as many as there is room for; null
 * where it is no step. Of steps that are too many to be said, one that alone has a word of the question answers by itself.
 */
export const stepsAround = (
  pooled: PooledPassage,
  sentence: PooledSentence,
  { words, room }: { words: readonly QueryWord[]; room: number },
): PickedSentence | null => {
  const { sentences, above } = pooled;
  const steps = stepsAt(sentences, sentence.position);
  if (!steps) return null;
  const before = sentences[steps.first - 1];
  const leadIn = before && leadsOn(before, sentences[steps.first]) ? before : null;
  const from = leadIn ? leadIn.position : steps.first;
  const whole = stretchOf(pooled, [from, steps.last], room);
  if (!whole) return alone(sentence);
  const isAllSaid = whole.covers.has(steps.last);
  const isNamed = (word: QueryWord): boolean =>
    word.variants.some((variant) => above.has(variant) || leadIn?.terms.has(variant) === true);
  if (!isAllSaid && words.some((word) => holdsWord(sentence, word) && !isNamed(word))) return alone(sentence);
  return whole;
};

/**
 * The sentence, or, where it stands behind steps and has no word of the question that they and the headings lack, the first of
 * these: what is done is told by the steps, and not by what is said after them.
 */
export const orStepsBefore = (
  { sentences, above }: PooledPassage,
  sentence: PooledSentence,
  words: readonly QueryWord[],
): PooledSentence => {
  for (let at = sentence.position; at >= 0; at--) {
    const steps = stepsAt(sentences, at);
    if (!steps) continue;
    if (steps.last >= sentence.position) return sentence;
    const said = sentences.slice(Math.max(0, steps.first - 1), steps.last + 1);
    const isMissing = (word: QueryWord): boolean =>
      !word.variants.some((variant) => above.has(variant)) && !said.some((step) => holdsWord(step, word));
    return words.some((word) => holdsWord(sentence, word) && isMissing(word))
      ? sentence
      : (sentences[steps.first] ?? sentence);
  }
  return sentence;
};
