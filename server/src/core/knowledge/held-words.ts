import type { QueryWord } from './analyse-query.ts';
import type { PassageWord, ReadPassage } from './read-passage.ts';
import { wordLikeness } from './word-likeness.ts';

/** From here on a word counts as one that stands in the place of another. */
const standsFor = 0.6;

/** The words of a message with what each tells, by its rarity. */
export type WeighedWords = { words: readonly QueryWord[]; rarity: readonly number[] };

/**
 * What part of a message's words a passage holds, or words that stand in their place: 0 to 1, by what they tell. Stop words
 * tell nothing.
 */
export const createHeldWords = ({ words, rarity }: WeighedWords): ((passage: ReadPassage) => number) => {
  const telling = words.flatMap((word, at) => (word.stop ? [] : [{ word, weight: rarity[at] ?? 0 }]));
  const total = telling.reduce((sum, { weight }) => sum + weight, 0) || 1;
  const known = telling.map(() => new Map<PassageWord, boolean>());
  const holds = (at: number, word: QueryWord, written: PassageWord): boolean => {
    const before = known[at]?.get(written);
    if (before !== undefined) return before;
    const held = isHeld(word, written);
    known[at]?.set(written, held);
    return held;
  };
  return ({ sentences }) => {
    const written = new Set(sentences.flat());
    const held = telling.filter(({ word }, at) => written.values().some((one) => holds(at, word, one)));
    return held.reduce((sum, { weight }) => sum + weight, 0) / total;
  };
};

const isHeld = (word: QueryWord, { terms, folded, kind }: PassageWord): boolean =>
  terms.some((term) => word.variants.includes(term)) ||
  (kind === 'word' && !word.fragment && wordLikeness(word.folded, folded) >= standsFor);
