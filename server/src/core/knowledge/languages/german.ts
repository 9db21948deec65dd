import type { LanguageAnalyser } from '../language-analyser.ts';

const stopWords = `aber alle allem allen aller alles als also am an andere anderen anderer anderes auch auf aus bei beim bin bis
bist da dabei damit dann das dass dem den denen der deren des dessen deshalb die dies diese diesem diesen dieser dieses dir
doch dort du durch ein eine einem einen einer eines er es etwa etwas euch euer fur gegen habe haben hat hatte hatten hier
hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im in indem ins ist ja jede jedem jeden jeder jedes jedoch kann
kein keine keinem keinen keiner konnen konnte konnten man manche mehr mein meine meinem meinen meiner mich mir mit muss
mussen musste nach nachdem nicht nichts noch nun nur ob oder ohne sehr seid sein seine seinem seinen seiner seit selbst
sich sie sind so solche sollte sondern sowie uber um und uns unser unsere unter vom von vor wahrend wann war waren warum
was weil welche welchem welchen welcher welches wenn wer werde werden wie wieder wieviel viel viele vielen will wir wird
wo wofur wurde wurden zu zum zur zwar zwischen`;

/** Inflections of nouns, adjectives and verbs, longest first; what is left keeps four letters. */
const endings = /(?<=.{4})(?:ungen|erinnen|innen|ung|ern|est|eten|ete|ten|tet|te|en|er|em|es|et|e|n|s|t)$/;

/** A light stemmer: umlauts are folded already, so that plurals which differ by them meet. */
const stemGerman = (word: string): string => {
  const past = /^ge(?=.{4,}(?:t|en)$)/.test(word) ? word.slice(2) : word;
  return past.replace(endings, '').replace(/(?<=.{4})(?:lich|isch|ig|e)$/, '');
};

export const german: LanguageAnalyser = {
  language: 'de',
  stopWords: new Set(stopWords.split(/\s+/)),
  stem: stemGerman,
};
