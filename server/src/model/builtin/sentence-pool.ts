import { analyseText, termsOf } from '../../core/knowledge/analyse-text.ts';
import { splitSentences } from '../../core/knowledge/split-sentences.ts';
import type { ContextPassage } from '../../core/turn/context.ts';

/** A sentence of a passage with the terms that stand in it. */
export type PooledSentence = {
  passage: ContextPassage;
  /** Its place in the passage, from 0. */
  position: number;
  text: string;
  wordCount: number;
  /** Places of each term among the sentence's terms. */
  terms: ReadonlyMap<string, readonly number[]>;
};

export type PooledPassage = {
  passage: ContextPassage;
  /** BCP 47, of its text. */
  language: string;
  sentences: readonly PooledSentence[];
  /** Terms of its title and headings. */
  above: ReadonlySet<string>;
};

/** Passages read, best first: a builtin answer rests on the first few anyway. */
const maxPassages = 12;
/** Characters of a passage that are read; chunks are much smaller. */
const maxPassageCharacters = 8_000;

/** What makes a sentence the item of a list, and nothing where it stands alone. */
const listMark = /^[-*•–] +/;

/** The sentences an answer may be taken from. */
export const poolSentences = (passages: readonly ContextPassage[]): PooledPassage[] =>
  passages.slice(0, maxPassages).map((passage) => {
    const text = passage.text.slice(0, maxPassageCharacters);
    const { language } = analyseText(text);
    const above = termsOf([passage.title, ...passage.headings].join('\n'), language);
    const sentences = splitSentences(text).map((sentence, position) => {
      const said = sentence.text.replace(listMark, '');
      const terms = new Map<string, number[]>();
      for (const [at, { term }] of termsOf(said, language).entries()) {
        const places = terms.get(term);
        if (places) places.push(at);
        else terms.set(term, [at]);
      }
      return { passage, position, text: said, wordCount: countWords(said), terms };
    });
    return { passage, language: language.language, sentences, above: new Set(above.map(({ term }) => term)) };
  });

/** Words as a reader counts them; in scripts without spaces two characters count as one. */
export const countWords = (text: string): number => {
  const spaced = text.match(/[^\s\u3040-\u30ff\u3400-\u9fff]+/g)?.length ?? 0;
  const unspaced = text.match(/[\u3040-\u30ff\u3400-\u9fff]/g)?.length ?? 0;
  return spaced + Math.ceil(unspaced / 2);
};
