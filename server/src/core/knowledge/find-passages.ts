import { addVectorHits, type JudgePassage } from './add-vector-hits.ts';
import { analyseQuery, type QueryWord } from './analyse-query.ts';
import { earlierWeight, goesOn, speaksOfEarlier } from './follow-up.ts';
import { createHeldWords } from './held-words.ts';
import type { ChunkPlace, KnowledgeReader, KnowledgeSize, PlacedChunk } from './knowledge-store.ts';
import { passageScore } from './passage-score.ts';
import { isCopy, mergeCopies } from './merge-copies.ts';
import { inverseFrequency, rankPassages } from './rank-passages.ts';
import { withoutCourtesies } from './read-courtesies.ts';
import { readPassage, type ReadPassage } from './read-passage.ts';
import { createRescorer } from './rescore-passages.ts';
import type { Chunk } from './source.ts';
import type { VectorOutcome, VectorSearch } from './vector-search.ts';
import { decodeTermLists, type TermLists } from './term-lists.ts';
import { type FollowUpScores, weighFollowUp } from './weigh-follow-up.ts';

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
  /** Ids of those that say what one of `passages` says, word for word. */
  copies: string[];
  /** What came of the search by meaning; null where there is none. */
  vectors: VectorOutcome | null;
};

const nothing: FoundPassages = { passages: [], tooLow: [], copies: [], vectors: null };

export type FindPassages = {
  workspaceId: string;
  botId: string;
  /** From `KnowledgeReader.size`. The caller may keep it with what it caches of the bot; a stale one only shifts scores a little. */
  size: KnowledgeSize;
  /** Courtesies at its beginning and its end are not looked for where it says something else. */
  query: string;
  /** What the user had said before, where the question leans on it: it is searched with it, and weighs less. */
  earlier?: string;
  /** At most so many passages, best first. */
  topK: number;
  /** 0 to 1; passages below are left out. */
  minScore: number;
};

/** More passages than this fit no prompt. */
const maxTopK = 100;

/** Passages that are judged by their texts: on XQuAD the right one is among the first thirty for 99 of 100 questions. */
const maxCandidates = 30;
/** Behind the first few, one that the index gives less than this part of the first is not read: it never came first. */
const minShareOfFirst = 0.5;
const minCandidates = 6;
/**
 * Candidates beside these where some say the same: a page that was added again and again takes no place from others. Two
 * readings of a question are read in one go.
 */
const maxCopies = 90;
/** A receipt tells of no more. */
const maxCopiesTold = 40;

/** Postings read for one question where nothing is remembered. */
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
  knowledge: Pick<KnowledgeReader, 'postings' | 'terms' | 'chunks'>,
  { workspaceId, botId, size, query: message, earlier, topK, minScore }: FindPassages,
  vectors: VectorSearch | null = null,
): Promise<FoundPassages> => {
  if (size.chunks === 0) return nothing;
  const query = withoutCourtesies(message);
  const bot = { workspaceId, botId };
  const finding = vectors?.find(workspaceId, botId, textOf({ query, earlier })) ?? null;
  const byWords = await findLexically(knowledge, { ...bot, size, query, earlier, limit: maxCandidates });
  const found = finding && (await finding);
  const candidates =
    found?.outcome === 'used' && vectors
      ? await addVectorHits(byWords, found, { bot, knowledge, vectors })
      : byWords.passages;
  const merged = mergeCopies(candidates);
  const scored = withLeader(merged, { leader: byWords.leader, minScore }, Math.min(topK, maxTopK));
  const shown = scored.filter(({ passage }) => passage.score >= minScore);
  return {
    passages: shown.map(({ passage }) => passage),
    tooLow: scored.filter(({ passage }) => passage.score < minScore).map(({ passage }) => passage.chunk.id),
    copies: shown.flatMap(({ copies }) => copies).slice(0, maxCopiesTold),
    vectors: found === null || found.outcome === 'none' ? null : found.outcome,
  };
};

/**
 * Passages by the words of a question, best first, with calibrated scores: the index names candidates, and their texts
 * decide between them. A question that leans on what was said before is read in both ways, and each passage counts as
 * the better one says (`weighFollowUp`): so a new subject is found too.
 */
const findLexically = async (
  knowledge: Pick<KnowledgeReader, 'postings' | 'terms' | 'chunks'>,
  { workspaceId, botId, size, query, earlier, limit }: LexicalSearch,
): Promise<{ passages: FoundPassage[]; judge: JudgePassage; leader: Chunk | null }> => {
  const readings = readingsOf({ query, earlier, languages: size.languages });
  const terms = [...new Set(readings.flatMap(({ words }) => words.flatMap((word) => word.variants)))];
  if (terms.length === 0) return { passages: [], judge: () => 0, leader: null };
  const index = knowledge.terms
    ? await knowledge.terms(workspaceId, botId, { terms, size })
    : await decodeTermLists(await knowledge.postings(workspaceId, botId, { terms, limit: maxPostings }));
  const { judged, placed, differing } = await readCandidates(
    (copies) => readings.map((reading) => createJudge(reading, { size, index, limit, copies })),
    (places) => knowledge.chunks(workspaceId, botId, places),
  );
  const scoresOf = createScores(judged, { query, placed, differing });
  const scores = placed.map((passage) => scoresOf(passage));
  const weigh = weighFollowUp(scores);
  const passages = placed
    .map((passage, at) => ({ ...passage, score: weigh(scores[at] ?? scoresOf(passage)) }))
    .toSorted((one, other) => other.score - one.score);
  return {
    passages,
    judge: (passage) => weigh(scoresOf(passage)),
    leader: readings.length > 1 ? leaderOf(placed, scores) : null,
  };
};

/**
 * What the readings put first, with its texts; more of it where some texts are the same, since what is behind them may be
 * the better answer. Three looks at most, the last of them as deep as they go.
 */
const readCandidates = async (
  judge: (copies: number) => Judge[],
  read: (places: ChunkPlace[]) => Promise<PlacedChunk[]>,
): Promise<{ judged: Judge[]; placed: PlacedChunk[]; differing: PlacedChunk[] }> => {
  for (let copies = 0; ;) {
    const judged = judge(copies);
    const places = new Map(judged.flatMap(({ candidates }) => candidates.map((place) => [keyOf(place), place])));
    const placed = await read([...places.values()]);
    const differing = mergeCopies(placed).map(({ passage }) => passage);
    const found = placed.length - differing.length;
    if (found <= copies || copies === maxCopies) return { judged, placed, differing };
    copies = copies === 0 ? Math.min(maxCopies, 2 * found) : maxCopies;
  }
};

/** The passage that would come first if nothing were lowered for what it lacks of the message. */
const leaderOf = (placed: readonly PlacedChunk[], scores: readonly FollowUpScores[]): Chunk | null => {
  const best = Math.max(0, ...scores.map(({ together }) => together));
  const at = scores.findIndex(({ together }) => together === best);
  return placed[at]?.chunk ?? null;
};

/** With the ids of its copies. */
type MergedPassage = { passage: FoundPassage; copies: string[] };

/**
 * The first `limit` passages. What a follow-up leans on is the last of them at least: a message in words of its own is
 * answered by what others only share a word with less often than by that, and a model tells which it is.
 */
const withLeader = (
  passages: readonly MergedPassage[],
  { leader, minScore }: { leader: Chunk | null; minScore: number },
  limit: number,
): MergedPassage[] => {
  const first = passages.slice(0, limit);
  if (leader === null) return first;
  const at = passages.findIndex(({ passage: { chunk, score } }) => score >= minScore && isCopy(chunk, leader));
  const found = at < limit ? undefined : passages[at];
  return found === undefined || limit < 2 ? first : [...first.slice(0, -1), found];
};

/**
 * `differing`: of those that say the same one each, among which it is measured what tells them apart.
 *
 * A message alone is all that there is to be held; one that speaks of "it" may have its answer where it has no words.
 */
const createScores = (
  [together, alone]: readonly Judge[],
  { query, placed, differing }: Record<'placed' | 'differing', readonly PlacedChunk[]> & { query: string },
): ((passage: PlacedChunk) => FollowUpScores) => {
  const known = new Map(placed.map((passage) => [keyOf(passage.chunk), readPlaced(passage)]));
  const among = new Map(
    differing.flatMap(({ chunk }) => {
      const read = known.get(keyOf(chunk));
      return read ? [[keyOf(chunk), read] as const] : [];
    }),
  );
  const scoreTogether = together?.among(among) ?? (() => 0);
  const scoreAlone = alone?.among(among);
  return (passage) => {
    const { chunk } = passage;
    const read = known.get(keyOf(chunk)) ?? readPlaced(passage);
    const score = scoreTogether(chunk, read);
    if (!alone || !scoreAlone) return { together: score, alone: score, own: 1 };
    const own = speaksOfEarlier(query) ? 1 : alone.heldIn(read);
    return { together: score, alone: scoreAlone(chunk, read), own };
  };
};

const readPlaced = ({ chunk, source }: PlacedChunk): ReadPassage =>
  readPassage([source.title, ...chunk.headings].join('\n'), chunk.text);

type LexicalSearch = Omit<FindPassages, 'topK' | 'minScore' | 'earlier'> & {
  earlier: string | undefined;
  limit: number;
};

/** The question with what it leans on, in the order in which it was said. */
const textOf = ({ query, earlier }: { query: string; earlier: string | undefined }): string =>
  earlier === undefined ? query : `${earlier}\n${query}`;

const keyOf = ({ sourceId, position }: ChunkPlace): string => `${sourceId}:${position}`;

type Reading = { words: readonly QueryWord[]; text: string; earlier?: string; trust: number };

/** What the index puts first for a reading of the question, and what the reading says of any passage. */
type Judge = {
  candidates: ChunkPlace[];
  /** `read`: what was read by its place. What tells passages apart is measured among the candidates in it. */
  among: (read: ReadonlyMap<string, ReadPassage>) => (place: ChunkPlace, passage: ReadPassage) => number;
  /** What part of the reading's words the passage holds. */
  heldIn: (read: ReadPassage) => number;
};

const createJudge = (
  { words, trust, ...asked }: Reading,
  { size, index, limit, copies }: { size: KnowledgeSize; index: TermLists; limit: number; copies: number },
): Judge => {
  const { places, rarity } = rankPassages(words, { size, index }, limit + copies);
  const least = (places[0]?.share ?? 0) * minShareOfFirst;
  const shares = new Map(places.map((place) => [keyOf(place), place.share]));
  const told = rarity.reduce((sum, one) => sum + one, 0) / inverseFrequency(0, size.chunks);
  const candidates = places.filter(({ share }, at) => at < minCandidates + copies || share >= least);
  return {
    candidates,
    among: (read) => {
      const passages = candidates.flatMap((place) => read.get(keyOf(place)) ?? []);
      const rescore = createRescorer({ words, rarity, ...asked, passages });
      return (place, passage) => trust * passageScore(rescore(passage, shares.get(keyOf(place)) ?? 0), told);
    },
    heldIn: createHeldWords({ words, rarity }),
  };
};

/** Alone, a message that says itself that it goes on from another is trusted less. */
const trustAlone = 0.75;

const readingsOf = (asked: { query: string; earlier: string | undefined; languages: readonly string[] }): Reading[] => {
  const { query, earlier, languages } = asked;
  const alone = worthLookingUp(analyseQuery(query, languages));
  if (earlier === undefined) return [{ words: alone, text: query, trust: 1 }];
  const together = worthLookingUp(wordsOf(asked));
  return [
    { words: together, text: query, earlier, trust: 1 },
    { words: alone, text: query, trust: goesOn(query) ? trustAlone : 1 },
  ];
};

/** The words of a question, and those it leans on. */
export const wordsOf = (asked: {
  query: string;
  earlier: string | undefined;
  languages: readonly string[];
}): QueryWord[] => {
  const words = analyseQuery(asked.query, asked.languages);
  if (asked.earlier === undefined) return words;
  const known = new Set(words.flatMap(({ variants }) => variants));
  const before = analyseQuery(asked.earlier, asked.languages).filter(
    ({ stop, variants }) => !stop && !variants.some((variant) => known.has(variant)),
  );
  return [...before.map((word) => ({ ...word, weight: word.weight * earlierWeight })), ...words];
};

const worthLookingUp = (words: readonly QueryWord[]): readonly QueryWord[] => {
  const telling = words.filter((word) => !word.stop);
  return telling.length >= enoughWords ? telling : words;
};
