import type { QueryWord } from './analyse-query.ts';
import type { ChunkPlace, KnowledgeSize } from './knowledge-store.ts';
import type { TermList, TermLists } from './term-lists.ts';

/**
 * BM25 (S. Robertson and H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009) over the terms of a
 * question.
 */

/** How soon a repeated term stops counting. */
const saturation = 0.9;
/** How much a long chunk must hold more than a short one. */
const lengthPenalty = 0.75;

/** What a pair of characters that stands nowhere counts in the whole, beside a word that stands nowhere. */
const absentFragment = 0.1;

export type RankedPlace = ChunkPlace & {
  /**
   * What the chunk scores as a part of what one of middle length would that holds every word of the question once. Words
   * that stand nowhere in the knowledge count in the whole, and they are the rarest: so a question about something else
   * scores low, however well its common words fit. Above 1 where words are repeated in a short chunk.
   */
  share: number;
};

export type Ranking = {
  /** Best first. */
  places: RankedPlace[];
  /** What each word of the question tells, by how few chunks hold it. */
  rarity: number[];
};

/**
 * The best places for the words of a question, best first, at most `limit`; level ones in the order of source and
 * position.
 */
export const rankPassages = (
  words: readonly QueryWord[],
  { size, index }: { size: KnowledgeSize; index: TermLists },
  limit: number,
): Ranking => {
  if (size.chunks === 0) return { places: [], rarity: words.map(() => 0) };
  const meanLength = Math.max(1, size.terms / size.chunks);
  const scores = new Float64Array(index.places.size);
  const rarity: number[] = [];
  for (const word of words) {
    const { numbers, counts, lengths } = listOf(word, index);
    const rare = inverseFrequency(numbers.length, size.chunks) * word.weight;
    rarity.push(numbers.length === 0 && word.fragment ? rare * absentFragment : rare);
    for (let at = 0; at < numbers.length; at++) {
      const count = counts[at] ?? 0;
      const norm = saturation * (1 - lengthPenalty + (lengthPenalty * (lengths[at] ?? 0)) / meanLength);
      const number = numbers[at] ?? 0;
      scores[number] = (scores[number] ?? 0) + (rare * count * (saturation + 1)) / (count + norm);
    }
  }
  const ideal = rarity.reduce((sum, one) => sum + one, 0) || 1;
  const places = bestOf(scores, limit, index).map(({ place, score }) => ({ ...place, share: score / ideal }));
  return { places, rarity };
};

/** Chunks that hold any variant of the word, which counts as one term. */
const listOf = (word: QueryWord, { lists }: TermLists): TermList => {
  const found = word.variants.flatMap((variant) => lists.get(variant) ?? []);
  const [only = nothing] = found;
  return found.length < 2 ? only : joinLists(found);
};

const nothing: TermList = { numbers: new Uint32Array(), counts: new Uint16Array(), lengths: new Uint16Array() };

const joinLists = (lists: readonly TermList[]): TermList => {
  const joined = new Map<number, { count: number; length: number }>();
  for (const { numbers, counts, lengths } of lists) {
    for (const [at, number] of numbers.entries()) {
      const known = joined.get(number);
      if (known) known.count += counts[at] ?? 0;
      else joined.set(number, { count: counts[at] ?? 0, length: lengths[at] ?? 0 });
    }
  }
  const entries = [...joined.values()];
  return {
    numbers: Uint32Array.from(joined.keys()),
    counts: Uint16Array.from(entries, ({ count }) => count),
    lengths: Uint16Array.from(entries, ({ length }) => length),
  };
};

/**
 * In a bot that knows two passages, a word that stands nowhere would tell so much more than one that one of them holds that
 * the scores of right passages would be those of chance. So it tells no more beside that than among so many passages.
 * Measured on bots of two paragraphs of XQuAD (docs/quality.md).
 */
const fewestChunks = 100;

/** Grows with a word's rarity; never negative, and largest for a word that stands nowhere. */
export const inverseFrequency = (chunksWithWord: number, chunks: number): number => {
  if (chunksWithWord > 0 || chunks >= fewestChunks) return frequencyAmong(chunksWithWord, chunks);
  return (frequencyAmong(1, chunks) * frequencyAmong(0, fewestChunks)) / frequencyAmong(1, fewestChunks);
};

const frequencyAmong = (chunksWithWord: number, chunks: number): number =>
  Math.log(1 + (chunks - Math.min(chunks, chunksWithWord) + 0.5) / (chunksWithWord + 0.5));

type Scored = { place: ChunkPlace; score: number };

/** Kept in order while the scores are read once: sorting a hundred thousand would take a hundred times longer. */
const bestOf = (scores: Float64Array, limit: number, { places }: TermLists): Scored[] => {
  const best: Scored[] = [];
  let least = 0;
  for (let number = 0; number < scores.length; number++) {
    const score = scores[number] ?? 0;
    if (score <= 0 || (best.length === limit && score < least)) continue;
    const scored = { place: places.at(number), score };
    let at = best.length;
    while (at > 0 && isBefore(scored, best[at - 1])) at--;
    best.splice(at, 0, scored);
    if (best.length > limit) best.pop();
    least = best.at(-1)?.score ?? 0;
  }
  return best;
};

const isBefore = (one: Scored, other: Scored | undefined): boolean => {
  if (!other || one.score !== other.score) return one.score > (other?.score ?? 0);
  const [first, second] = [one.place, other.place];
  return first.sourceId === second.sourceId ? first.position < second.position : first.sourceId < second.sourceId;
};
