import { createRequire } from 'node:module';
import { foldText } from '../fold-text.ts';

type Stemmers = { newStemmer(algorithm: string): { stem(word: string): string } };

const require = createRequire(import.meta.url);

/**
 * A stemmer of the Snowball project (https://snowballstem.org/algorithms/) for folded words. Loaded when its first word
 * comes: all of them are one file, some 15 ms.
 */
export const snowballStem = (algorithm: string): ((word: string) => string) => {
  let stemmer: ReturnType<Stemmers['newStemmer']> | null = null;
  return (word) => {
    stemmer ??= (require('snowball-stemmers') as Stemmers).newStemmer(algorithm);
    return foldText(stemmer.stem(word)) || word;
  };
};
