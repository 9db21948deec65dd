import { foldText } from '../knowledge/fold-text.ts';
import { languageNamed } from '../knowledge/languages.ts';
import type { Word } from '../knowledge/split-words.ts';

/** Words as they are looked up. */
const folded = (words: string): Set<string> => new Set(words.split(' ').map(foldText));

/** The day on which something is said: true of every message on its own day. */
const thisDay = folded("today heute hoy aujourdhui aujourd'hui oggi hoje vandaag");

/** What an assistant is greeted with an offer or a request for. */
const offers = folded('do help helfen hilfe kannst können tun puedes hacer ayudar ayuda');

/** Stop words of these alone are taken for such in what is no more than a greeting. */
const stopLanguages = ['en', 'de', 'es'].map(languageNamed);

/** True for a word of the day on which it is said: it tells no message from another. */
export const isThisDay = (word: string): boolean => thisDay.has(word);

/** True for what comes with a greeting and has no subject ("what can you do for me today?"): nothing said before bears on it. */
export const saysNothing = (words: readonly Word[]): boolean =>
  words.every(({ text }) => {
    const word = foldText(text);
    return thisDay.has(word) || offers.has(word) || stopLanguages.some(({ stopWords }) => stopWords.has(word));
  });
