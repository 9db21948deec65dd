import { foldText } from '../knowledge/fold-text.ts';
import { languageNamed } from '../knowledge/languages.ts';
import type { Word } from '../knowledge/split-words.ts';

/** Words as they are looked up. */
const folded = (words: string): Set<string> => new Set(words.split(' ').map(foldText));

/** Greetings and courtesies: said in every conversation, they tell none from another. */
const courtesies = folded(
  'hello hi hey hiya greetings thanks thank thx please bye goodbye welcome hallo servus moin danke dankeschon bitte ' +
    'tschuss hola gracias adios bonjour bonsoir salut merci ciao buongiorno grazie prego ola obrigado obrigada hoi ' +
    'bedankt hej tack привет здравствуйте спасибо 你好 您好 谢谢',
);

/** The day on which something is said: true of every message on its own day. */
const thisDay = folded("today heute hoy aujourdhui aujourd'hui oggi hoje vandaag");

/** What an assistant is greeted with an offer or a request for. */
const offers = folded('do help helfen hilfe kannst können tun puedes hacer ayudar ayuda');

/** Stop words of these alone are taken for such in what is no more than a greeting. */
const stopLanguages = ['en', 'de', 'es'].map(languageNamed);

/** True for a word that tells no message from another, in any language. */
export const isIdleWord = (word: string): boolean => courtesies.has(word) || thisDay.has(word);

/** True for a greeting, a courtesy, or an opening without a subject: nothing said before bears on it. */
export const isSmallTalk = (words: readonly Word[]): boolean => {
  let polite = false;
  for (const { text } of words) {
    const word = foldText(text);
    if (courtesies.has(word)) polite = true;
    else if (!thisDay.has(word) && !offers.has(word) && !stopLanguages.some(({ stopWords }) => stopWords.has(word))) {
      return false;
    }
  }
  return polite;
};
