import { estimateTokens } from '../../kit/token-estimate.ts';
import { languageOf } from '../knowledge/analyse-text.ts';
import { foldText } from '../knowledge/fold-text.ts';
import { splitSentences } from '../knowledge/split-sentences.ts';
import { splitWords } from '../knowledge/split-words.ts';
import { speakers } from './speakers.ts';
import type { RememberedMessage } from './memory-store.ts';

/** Sentences that are weighed; more of them only make it slower. */
const maxSentences = 400;
/** A longer one is no sentence but a paste. */
const maxSentenceCharacters = 400;
/** A courtesy says nothing. */
const minWords = 4;
/** Numbers are what people come back to: orders, sums, dates. */
const numberBonus = 0.3;
/** What was telling before stays so, unless there is better. */
const keptBonus = 0.3;

type Line = { text: string; words: string[]; isKept: boolean };

/**
 * The most telling sentences of a conversation, each on a line with who said it, in their order: those whose words come
 * back in other sentences. Lines of the summary so far take part. Deterministic.
 */
export const extractSummary = (
  summary: string | null,
  messages: readonly Pick<RememberedMessage, 'role' | 'text'>[],
  maxTokens: number,
): string => {
  const spoken = languageOf(splitWords(messages.map(({ text }) => text).join('\n')));
  const stopWords = spoken?.stopWords ?? new Set<string>();
  const lines = [
    ...(summary ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => lineOf(line, stopWords, true)),
    ...messages.flatMap(({ role, text }) =>
      splitSentences(text).map((sentence) => lineOf(`${speakers[role]}: ${sentence.text}`, stopWords, false)),
    ),
  ]
    .filter(({ text, words }) => words.length >= minWords && text.length <= maxSentenceCharacters)
    .slice(-maxSentences);
  const frequency = new Map<string, number>();
  for (const { words } of lines) {
    for (const word of new Set(words)) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  }
  const ranked = lines
    .map((line, place) => ({ ...line, place, score: scoreOf(line, frequency) }))
    .toSorted((one, other) => other.score - one.score || other.place - one.place);
  const chosen: typeof ranked = [];
  const seen = new Set<string>();
  let left = maxTokens;
  for (const line of ranked) {
    const tokens = estimateTokens(line.text) + 1;
    if (tokens > left || seen.has(line.text)) continue;
    seen.add(line.text);
    left -= tokens;
    chosen.push(line);
  }
  return chosen
    .toSorted((one, other) => one.place - other.place)
    .map(({ text }) => text)
    .join('\n');
};

const lineOf = (text: string, stopWords: ReadonlySet<string>, isKept: boolean): Line => ({
  text: text.replaceAll(/\s+/g, ' '),
  words: splitWords(foldText(text.slice(text.indexOf(': ') + 1)))
    .map((word) => word.text)
    .filter((word) => !stopWords.has(word)),
  isKept,
});

/** Words of half a conversation say as little as those of one sentence alone: the mean over the words, not the sum. */
const scoreOf = ({ words, text, isKept }: Line, frequency: ReadonlyMap<string, number>): number => {
  const weight = words.reduce((sum, word) => sum + Math.log(frequency.get(word) ?? 1), 0) / words.length;
  return weight + (/\p{N}/u.test(text) ? numberBonus : 0) + (isKept ? keptBonus : 0);
};
