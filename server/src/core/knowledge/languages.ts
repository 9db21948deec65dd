import type { LanguageAnalyser } from './language-analyser.ts';
import { english } from './languages/english.ts';
import { german } from './languages/german.ts';
import { languageTable } from './languages/language-table.ts';
import { plainStem } from './languages/plain-stem.ts';
import { snowballStem } from './languages/snowball.ts';
import { spanish } from './languages/spanish.ts';
import { stopWordList } from './languages/stop-word-lists.ts';

const fromTable = ([language, stemmer, stopWords]: (typeof languageTable)[number]): LanguageAnalyser => {
  let words: ReadonlySet<string> | null = null;
  return {
    language,
    get stopWords() {
      return (words ??= stopWordList(stopWords));
    },
    stem: stemmer === null ? plainStem : snowballStem(stemmer),
  };
};

/** Languages with an analyser. */
const languages: readonly [LanguageAnalyser, ...LanguageAnalyser[]] = [
  english,
  german,
  spanish,
  ...languageTable.map(fromTable),
];

/** For texts that none of the languages fits: other alphabets, or too few words to tell. */
export const anyLanguage: LanguageAnalyser = { language: 'und', stopWords: new Set(), stem: plainStem };

const byName: ReadonlyMap<string, LanguageAnalyser> = new Map(
  languages.map((analyser) => [analyser.language, analyser]),
);

/** The analyser of a language; one that fits any where there is none. */
export const languageNamed = (language: string): LanguageAnalyser => byName.get(language) ?? anyLanguage;

/** Enough of a text to tell its language; more changes nothing. */
export const maxWordsRead = 400;

/** Who says a stop word: numbers of `languages`. */
type Speakers = readonly number[];

/** The languages of each stop word; most words are of few. Made once, at the first text: some 10 ms. */
let speakers: ReadonlyMap<string, Speakers> | null = null;

const speakersOf = (word: string): Speakers | undefined => {
  if (!speakers) {
    const all = new Map<string, number[]>();
    for (const [number, language] of languages.entries()) {
      for (const stopWord of language.stopWords) {
        const known = all.get(stopWord);
        if (known) known.push(number);
        else all.set(stopWord, [number]);
      }
    }
    speakers = all;
  }
  return speakers.get(word);
};

/** One alone may be a word of another language: `dog` is a stop word of Danish. */
const tellingStopWords = 2;

/**
 * The language whose stop words stand in the text most often, by its folded words, of which those of fewer languages
 * count more. One of which a single stop word was heard gives way to any of which there were several; where there is no
 * other it is taken unless `isSure` is asked for. Null where there are none, or two languages are level.
 */
export const detectLanguage = (
  foldedWords: readonly string[],
  { isSure = false }: { isSure?: boolean } = {},
): LanguageAnalyser | null => {
  const scores = new Float64Array(languages.length);
  const heard = new Uint16Array(languages.length);
  const known = new Set<string>();
  for (const word of foldedWords.slice(0, maxWordsRead)) {
    const speaking = speakersOf(word);
    if (!speaking) continue;
    const isNew = !known.has(word);
    if (isNew) known.add(word);
    for (const language of speaking) {
      scores[language]! += 1 / speaking.length;
      if (isNew) heard[language]! += 1;
    }
  }
  const isTelling = heard.some((words) => words >= tellingStopWords);
  return loudest(scores, (language) => heard[language]! >= (isTelling || isSure ? tellingStopWords : 1));
};

/** Of those that count; null where two are level. */
const loudest = (scores: Float64Array, counts: (language: number) => boolean): LanguageAnalyser | null => {
  let best: LanguageAnalyser | null = null;
  let bestScore = 0;
  for (const [language, score] of scores.entries()) {
    if (score === 0 || !counts(language)) continue;
    if (score > bestScore) [best, bestScore] = [languages[language] ?? null, score];
    else if (score === bestScore) best = null;
  }
  return best;
};
