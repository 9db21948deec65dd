import { foldText } from '../knowledge/fold-text.ts';
import { languageNamed } from '../knowledge/languages.ts';
import type { Word } from '../knowledge/split-words.ts';

/** Greetings and courtesies, folded: said in every conversation, they tell none from another. */
const courtesies = new Set(
  (
    'hello hi hey hiya greetings thanks thank thx please bye goodbye welcome hallo servus moin danke dankeschon bitte ' +
    'tschuss hola gracias adios bonjour bonsoir salut merci ciao buongiorno grazie prego ola obrigado obrigada hoi ' +
    'bedankt hej tack привет здравствуйте спасибо 你好 您好 谢谢'
  ).split(' '),
);

/** The day on which something is said, folded: true of every message on its own day. */
const thisDay = new Set(['today', 'heute', 'hoy', 'aujourdhui', "aujourd'hui", 'oggi', 'hoje', 'vandaag']);

/** What an assistant is greeted with an offer or a request for, folded. */
const offers = new Set('do help helfen hilfe kannst konnen tun puedes hacer ayudar ayuda'.split(' '));

/** Stop words of these alone are taken for such in what is no more than a greeting. */
const stopLanguages = ['en', 'de', 'es'].map(languageNamed);

/** True for a word that tells no message from another, in any language. */
export const isIdleWord = (folded: string): boolean => courtesies.has(folded) || thisDay.has(folded);

/** True for a greeting, a courtesy, or an opening without a subject: nothing said before bears on it. */
export const isSmallTalk = (words: readonly Word[]): boolean => {
  let polite = false;
  for (const { text } of words) {
    const folded = foldText(text);
    if (courtesies.has(folded)) polite = true;
    else if (
      !thisDay.has(folded) &&
      !offers.has(folded) &&
      !stopLanguages.some(({ stopWords }) => stopWords.has(folded))
    )
      return false;
  }
  return polite;
};
