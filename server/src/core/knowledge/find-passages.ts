import { analyseQuery, type QueryWord } from './analyse-query.ts';
import type { KnowledgeReader, KnowledgeSize, PlacedChunk } from './knowledge-store.ts';
import { rankPassages } from './rank-passages.ts';

/** A chunk that fits a question. */
export type FoundPassage = PlacedChunk & {
  /** 0 to 1, comparable between questions. */
  score: number;
};

export type FoundPassages = {
  /** Best first. */
  passages: FoundPassage[];
  /** Ids of the next best, which fit too little. */
  tooLow: string[];
};

const nothing: FoundPassages = { passages: [], tooLow: [] };

export type FindPassages = {
  workspaceId: string;
  botId: string;
  /** From `KnowledgeReader.size`. The caller may keep it with what it caches of the bot; a stale one only shifts scores a little. */
  size: KnowledgeSize;
  query: string;
  /** At most so many passages, best first. */
  topK: number;
  /** 0 to 1; passages below are left out. */
  minScore: number;
};

/** More passages than this fit no prompt. */
const maxTopK = 100;

/**
 * Postings read for one question. With one source a chunk, 20,000 hits are some 20 ms on the event loop; a bot whose
 * common words stand in more sources than this is ranked by a part of them.
 */
const maxPostings = 20_000;

/** With this many words that say something, stop words are not looked up: they stand everywhere, and cost the most. */
const enoughWords = 2;

/**
 * The passages that fit a question best, `topK` with those that are too low. Nothing is read where the bot has no knowledge.
 *
 * Cost: one query for the postings of the question's words, one for the chosen chunks. The first grows with the number
 * of sources that hold each word (a source has one posting a word, however many chunks hold it), so ten long documents
 * cost less than a thousand short ones of the same length.
 */
export const findPassages = async (
  knowledge: Pick<KnowledgeReader, 'postings' | 'chunks'>,
  { workspaceId, botId, size, query, topK, minScore }: FindPassages,
): Promise<FoundPassages> => {
  if (size.chunks === 0) return nothing;
  const words = worthLookingUp(analyseQuery(query));
  if (words.length === 0) return nothing;
  const terms = [...new Set(words.flatMap((word) => word.variants))];
  const postings = await knowledge.postings(workspaceId, botId, { terms, limit: maxPostings });
  const ranked = rankPassages(words, { size, postings }, Math.min(topK, maxTopK));
  const placed = await knowledge.chunks(workspaceId, botId, ranked);
  const scores = new Map(ranked.map((place) => [`${place.sourceId}:${place.position}`, place.score]));
  const scored = placed.map((passage) => ({
    ...passage,
    score: scores.get(`${passage.chunk.sourceId}:${passage.chunk.position}`) ?? 0,
  }));
  return {
    passages: scored.filter(({ score }) => score >= minScore),
    tooLow: scored.filter(({ score }) => score < minScore).map(({ chunk }) => chunk.id),
  };
};

const worthLookingUp = (words: readonly QueryWord[]): readonly QueryWord[] => {
  const telling = words.filter((word) => !word.stop);
  return telling.length >= enoughWords ? telling : words;
};
