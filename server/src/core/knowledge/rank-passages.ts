import type { QueryWord } from './analyse-query.ts';
import type { ChunkPlace, KnowledgeSize, Posting } from './knowledge-store.ts';
import { decodePostings } from './posting-codec.ts';

/**
 * BM25 (S. Robertson and H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009) over the postings of a question.
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
  index: { size: KnowledgeSize; postings: ReadonlyMap<string, readonly Posting[]> },
  limit: number,
): Ranking => {
  const { size, postings } = index;
  if (size.chunks === 0) return { places: [], rarity: words.map(() => 0) };
  const meanLength = Math.max(1, size.terms / size.chunks);
  const places = new Map<string, Scored>();
  const rarities: number[] = [];
  for (const word of words) {
    const hits = collectHits(word, postings);
    const rarity = inverseFrequency(hits.size, size.chunks) * word.weight;
    rarities.push(hits.size === 0 && word.fragment ? rarity * absentFragment : rarity);
    for (const [key, hit] of hits) {
      const norm = saturation * (1 - lengthPenalty + (lengthPenalty * hit.length) / meanLength);
      const gain = (rarity * hit.count * (saturation + 1)) / (hit.count + norm);
      const scored = places.get(key);
      if (scored) scored.sum += gain;
      else places.set(key, { sourceId: hit.sourceId, position: hit.position, sum: gain });
    }
  }
  const ideal = rarities.reduce((sum, rarity) => sum + rarity, 0) || 1;
  const best = [...places.values()].toSorted(byRank).slice(0, limit);
  return {
    places: best.map(({ sourceId, position, sum }) => ({ sourceId, position, share: sum / ideal })),
    rarity: rarities,
  };
};

type Hit = ChunkPlace & { count: number; length: number };
type Scored = ChunkPlace & { sum: number };

/** Chunks that hold any variant of the word, which counts as one term. */
const collectHits = (word: QueryWord, postings: ReadonlyMap<string, readonly Posting[]>): Map<string, Hit> => {
  const hits = new Map<string, Hit>();
  for (const variant of word.variants) {
    for (const { sourceId, entries } of postings.get(variant) ?? []) {
      decodePostings(entries, (position, count, length) => {
        const key = `${sourceId}:${position}`;
        const hit = hits.get(key);
        if (hit) hit.count += count;
        else hits.set(key, { sourceId, position, count, length });
      });
    }
  }
  return hits;
};

/** Grows with a word's rarity; never negative, and largest for a word that stands nowhere. */
export const inverseFrequency = (chunksWithWord: number, chunks: number): number =>
  Math.log(1 + (chunks - Math.min(chunks, chunksWithWord) + 0.5) / (chunksWithWord + 0.5));

const byRank = (a: Scored, b: Scored): number =>
  b.sum - a.sum || (a.sourceId < b.sourceId ? -1 : a.sourceId > b.sourceId ? 1 : a.position - b.position);
