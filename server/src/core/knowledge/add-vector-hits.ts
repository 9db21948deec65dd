import { fuseScores } from './fuse-scores.ts';
import type { ChunkPlace, KnowledgeReader, PlacedChunk } from './knowledge-store.ts';
import { maxPlaces } from './vector-store.ts';
import { placeKey, type VectorFinding, type VectorSearch } from './vector-search.ts';

/** `score`: 0 to 1. */
type ScoredPassage = PlacedChunk & { score: number };

/** The score of a passage by its words, whether they have found it or not. */
export type JudgePassage = (passage: PlacedChunk) => number;

type Used = Extract<VectorFinding, { outcome: 'used' }>;

/**
 * Passages found by their words and those found by what they mean, best first, each with a score of both. All that come
 * into question are compared exactly.
 */
export const addVectorHits = async (
  { passages: byWords, judge }: { passages: readonly ScoredPassage[]; judge: JudgePassage },
  { vector, scan }: Used,
  options: {
    bot: { workspaceId: string; botId: string };
    knowledge: Pick<KnowledgeReader, 'chunks'>;
    vectors: Pick<VectorSearch, 'cosines'>;
  },
): Promise<ScoredPassage[]> => {
  const { bot, knowledge, vectors } = options;
  const known = new Map(byWords.map((passage) => [placeKey(passage.chunk), passage]));
  const places: ChunkPlace[] = [
    ...byWords.map(({ chunk }) => ({ sourceId: chunk.sourceId, position: chunk.position })),
    ...scan.hits.map(({ group, position }) => ({ sourceId: sourceOf(group), position })),
  ];
  const distinct = [...new Map(places.map((place) => [placeKey(place), place])).values()].slice(0, maxPlaces);
  const cosines = await vectors.cosines(bot, vector, distinct);
  const missing = distinct.filter((place) => !known.has(placeKey(place)) && cosines.has(placeKey(place)));
  const added = await knowledge.chunks(bot.workspaceId, bot.botId, missing);
  return [...byWords, ...added.map((passage) => ({ ...passage, score: judge(passage) }))]
    .map((passage) => {
      const cosine = cosines.get(placeKey(passage.chunk)) ?? null;
      return { ...passage, score: fuseScores({ words: passage.score, cosine }, scan) };
    })
    .toSorted((one, other) => other.score - one.score);
};

/** `BotVectors` names a group by its source and the version of the page. */
const sourceOf = (group: string): string => group.slice(0, group.indexOf(' '));
