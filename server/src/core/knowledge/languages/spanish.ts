import type { LanguageAnalyser } from '../language-analyser.ts';

const stopWords = `a al algo algun alguna algunas algunos ante antes aquel aquella asi aun aunque bajo bien cada como con
contra cual cuales cuando cuanta cuantas cuanto cuantos de del desde donde dos durante e el ella ellas ellos en entre era
eran eres es esa esas ese eso esos esta estaba estaban estado estan estar estas este esto estos fue fueron ha habia
habian han hasta hay la las le les lo los mas me mi mis mientras mismo mucha muchas mucho muchos muy nada ni no nos
nosotros nuestra nuestro o os otra otras otro otros para pero poco por porque puede pueden que quien quienes se sea segun
ser si sido sin sobre son su sus tal tambien tan tanto te tenia tiene tienen todo todos tras tu tus u un una unas uno
unos usted ustedes y ya yo`;

/** Inflections, longest first; what is left keeps three letters. */
const verbEndings =
  /(?<=.{3})(?:aciones|iciones|acion|icion|amiento|imiento|amientos|imientos|adoras|adores|adora|ador|iendo|ando|ieron|aron|ados|adas|idos|idas|ado|ada|ido|ida|aban|abamos|aremos|eremos|iremos|amos|emos|imos|ian|aba|aria|eria|iria|aran|eran|iran|amente|mente|idad|idades|ar|er|ir|an|en|io|ia|ios|ias|es|os|as|s|o|a|e)$/;

/** Pronouns that are written together with the verb they belong to: `financiarse`, `decirselo`. */
const joinedPronouns = /(?<=.{2}(?:ar|er|ir|ando|iendo))(?:se|me|te|nos|os)?(?:se|me|te|nos|os|l[aeo]s?)$/;

/** A light stemmer; accents are folded already. */
const stemSpanish = (word: string): string =>
  word.length < 4 ? word : word.replace(joinedPronouns, '').replace(verbEndings, '');

export const spanish: LanguageAnalyser = {
  language: 'es',
  stopWords: new Set(stopWords.split(/\s+/)),
  stem: stemSpanish,
};
