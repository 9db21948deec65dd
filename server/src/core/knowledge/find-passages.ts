import { addVectorHits, type JudgePassage } from './add-vector-hits.ts';
import { analyseQuery, type QueryWord } from './analyse-query.ts';
import type { KnowledgeReader, KnowledgeSize, PlacedChunk } from './knowledge-store.ts';
import { passageScore } from './passage-score.ts';
import { inverseFrequency, rankPassages } from './rank-passages.ts';
import { readPassage } from './read-passage.ts';
import { createRescorer } from './rescore-passages.ts';
import type { VectorOutcome, VectorSearch } from './vector-search.ts';

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
  /** What came of the search by meaning; null where there is none. */
  vectors: VectorOutcome | null;
};

const nothing: FoundPassages = { passages: [], tooLow: [], vectors: null };

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

/** Passages that are judged by their texts: on XQuAD the right one is among the first thirty for 99 of 100 questions. */
const maxCandidates = 30;

/**
 * Postings read for one question. With one source a chunk, 20,000 hits are some 20 ms on the event loop; a bot whose
 * common words stand in more sources than this is ranked by a part of them.
 */
const maxPostings = 20_000;

/** With this many words that say something, stop words are not looked up: they stand everywhere, and cost the most. */
const enoughWords = 2;

/**
 * The passages that fit a question best, `topK` with those that are too low: by their words, and with `vectors` by what they
 * mean, which is looked for beside. Nothing is read where the bot has no knowledge.
 *
 * Cost: one query for the postings of the question's words, one for the chosen chunks. The first grows with the number
 * of sources that hold each word (a source has one posting a word, however many chunks hold it), so ten long documents
 * cost less than a thousand short ones of the same length.
 */
export const findPassages = async (
  knowledge: Pick<KnowledgeReader, 'postings' | 'chunks'>,
  { workspaceId, botId, size, query, topK, minScore }: FindPassages,
  vectors: VectorSearch | null = null,
): Promise<FoundPassages> => {
  if (size.chunks === 0) return nothing;
  const bot = { workspaceId, botId };
  const finding = vectors?.find(workspaceId, botId, query) ?? null;
  const byWords = await findLexically(knowledge, { ...bot, size, query, limit: maxCandidates });
  const found = finding && (await finding);
  const candidates =
    found?.outcome === 'used' && vectors
      ? await addVectorHits(byWords, found, { bot, knowledge, vectors })
      : byWords.passages;
  const scored = candidates.slice(0, Math.min(topK, maxTopK));
  return {
    passages: scored.filter(({ score }) => score >= minScore),
    tooLow: scored.filter(({ score }) => score < minScore).map(({ chunk }) => chunk.id),
    vectors: found === null || found.outcome === 'none' ? null : found.outcome,
  };
};

/**
 * Passages by the words of a question, best first, with calibrated scores: the index names candidates, and their texts
 * decide between them.
 */
const findLexically = async (
  knowledge: Pick<KnowledgeReader, 'postings' | 'chunks'>,
  { workspaceId, botId, size, query, limit }: Omit<FindPassages, 'topK' | 'minScore'> & { limit: number },
): Promise<{ passages: FoundPassage[]; judge: JudgePassage }> => {
  const words = worthLookingUp(analyseQuery(query, size.languages));
  if (words.length === 0) return { passages: [], judge: () => 0 };
  const terms = [...new Set(words.flatMap((word) => word.variants))];
  const postings = await knowledge.postings(workspaceId, botId, { terms, limit: maxPostings });
  const { places, rarity } = rankPassages(words, { size, postings }, limit);
  const shares = new Map(places.map((place) => [`${place.sourceId}:${place.position}`, place.share]));
  const told = rarity.reduce((sum, one) => sum + one, 0) / inverseFrequency(0, size.chunks);
  const rescore = createRescorer({ words, rarity, text: query });
  const judge: JudgePassage = ({ chunk, source }) => {
    const lead = [source.title, ...chunk.headings].join('\n');
    const share = shares.get(`${chunk.sourceId}:${chunk.position}`) ?? 0;
    return passageScore(rescore(readPassage(lead, chunk.text), share), told);
  };
  const placed = await knowledge.chunks(workspaceId, botId, places);
  const passages = placed
    .map((passage) => ({ ...passage, score: judge(passage) }))
    .toSorted((one, other) => other.score - one.score);
  return { passages, judge };
};

const worthLookingUp = (words: readonly QueryWord[]): readonly QueryWord[] => {
  const telling = words.filter((word) => !word.stop);
  return telling.length >= enoughWords ? telling : words;
};
