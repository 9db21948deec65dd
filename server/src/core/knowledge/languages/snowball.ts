import stemmers from 'snowball-stemmers';
import { foldText } from '../fold-text.ts';

/**
 * A stemmer of the Snowball project (https://snowballstem.org/algorithms/) for folded words, made when its first word
 * comes.
 */
export const snowballStem = (algorithm: string): ((word: string) => string) => {
  let stemmer: ReturnType<typeof stemmers.newStemmer> | null = null;
  return (word) => {
    stemmer ??= stemmers.newStemmer(algorithm);
    return foldText(stemmer.stem(word)) || word;
  };
};
