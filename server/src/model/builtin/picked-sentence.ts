import { countWords, type PooledPassage, type PooledSentence } from './sentence-pool.ts';

/** What an answer is made of: a sentence, or as much of what it belongs to as is said with it. */
export type PickedSentence = PooledSentence & {
  /** Positions of the sentences that it says. */
  covers: ReadonlySet<number>;
  /** What it is cited with where it is not said word for word. */
  quote?: string;
};

export const alone = (sentence: PooledSentence): PickedSentence => ({
  ...sentence,
  covers: new Set([sentence.position]),
});

/**
 * The sentences from one position to another as they are written, as many as there is room for, and a `…` where those are
 * not all; null where not even two of them have room.
 */
export const stretchOf = (
  { passage, sentences }: PooledPassage,
  [from, last]: readonly [number, number],
  room: number,
): PickedSentence | null => {
  const first = sentences[from];
  if (!first) return null;
  let { end, wordCount } = first;
  let at = from;
  for (; at < last; at++) {
    const next = sentences[at + 1];
    const words = next ? countWords(passage.text.slice(next.start, next.end)) : 0;
    if (!next || wordCount + words > room) break;
    ({ end } = next);
    wordCount += words;
  }
  if (at === from) return null;
  const said = passage.text.slice(first.start, end).replaceAll(/\n\s+/g, '\n');
  const covers = new Set(sentences.slice(from, at + 1).map(({ position }) => position));
  return { ...first, end, wordCount, covers, text: at < last ? `${said}\n…` : said };
};
