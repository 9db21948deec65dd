import { endOfLeadIn } from './lead-in.ts';
import type { ScoredPassage, ScoredSentence } from './score-sentences.ts';
import { countWords, type PooledPassage, type PooledSentence } from './sentence-pool.ts';

/** Sentences of an answer: one that answers, and what stands by it. */
export const maxSentences = 3;
/** Words of an answer: a chat message, not an essay. A sentence that starts below it is kept whole up to the hard limit. */
export const softMaxWords = 80;
export const hardMaxWords = 100;

/** A sentence that scores less than this share of the best one has little to add. */
const minShareOfBest = 0.8;

/** The best sentence, and as many of the next best ones as there is room for; one that leads to others with these. */
export const pickSentences = (passages: readonly ScoredPassage[]): PooledSentence[] => {
  const candidates = passages
    .flatMap(({ pooled, sentences }) => sentences.map((scored) => ({ ...scored, pooled })))
    .toSorted(byScore);
  let picked: PooledSentence[] = [];
  const wordsOf = (): number => picked.reduce((sum, { wordCount }) => sum + wordCount, 0);
  const enough = (candidates[0]?.score ?? 0) * minShareOfBest;
  for (const { sentence, score, pooled } of candidates) {
    if (picked.length === maxSentences || score < enough) break;
    const room = softMaxWords - wordsOf();
    if (picked.length > 0 && sentence.wordCount > room) continue;
    const whole = withWhatFollows(pooled, sentence, picked.length > 0 ? room : softMaxWords);
    // what stands in several places is said once
    if (!whole || picked.some((other) => other.text === whole.text || holds(other, sentence))) continue;
    picked = [...picked.filter((other) => !holds(whole, other)), whole];
  }
  return picked.length > 0 ? picked : candidates.slice(0, 1).map(({ sentence }) => sentence);
};

/**
 * The sentence with as much of what it leads to as there is room for, and a `…` where that is not all; null where none of it
 * has room or is in the passage.
 */
const withWhatFollows = (
  { passage, sentences }: PooledPassage,
  sentence: PooledSentence,
  room: number,
): PooledSentence | null => {
  const last = endOfLeadIn(sentences, sentence.position);
  if (last === sentence.position) return sentence;
  let { end, wordCount } = sentence;
  let at = sentence.position;
  for (; at < last; at++) {
    const next = sentences[at + 1];
    const words = next ? countWords(passage.text.slice(next.start, next.end)) : 0;
    if (!next || wordCount + words > room) break;
    ({ end } = next);
    wordCount += words;
  }
  if (at === sentence.position) return null;
  const said = passage.text.slice(sentence.start, end).replaceAll(/\n\s+/g, '\n');
  return { ...sentence, end, wordCount, text: at < last ? `${said}\n…` : said };
};

const holds = (whole: PooledSentence, part: PooledSentence): boolean =>
  whole.passage.index === part.passage.index && whole.start <= part.start && part.end <= whole.end;

const byScore = (a: ScoredSentence, b: ScoredSentence): number =>
  b.score - a.score || a.sentence.passage.index - b.sentence.passage.index || a.sentence.position - b.sentence.position;
