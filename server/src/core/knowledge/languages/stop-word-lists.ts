import * as lists from 'stopword';
import { foldText } from '../fold-text.ts';

/** Lists that were made of texts found on the web hold these too; they are English, and digits are no words. */
const strays = /^(?:the|and)$|\p{N}/u;

/** The list of a language in the package `stopword`, folded. Made when it is first asked for. */
export const stopWordList = (name: string): ReadonlySet<string> => {
  const list = (lists as Readonly<Record<string, unknown>>)[name];
  if (!Array.isArray(list)) throw new RangeError(`there is no list of stop words ${name}`);
  return new Set(list.map((word: string) => foldText(word)).filter((word) => !strays.test(word)));
};
