import { createRequire } from 'node:module';
import { foldText } from '../fold-text.ts';

const require = createRequire(import.meta.url);

/** Lists that were made of texts found on the web hold these too; they are English, and digits are no words. */
const strays = /^(?:the|and)$|\p{N}/u;

/** The list of a language in the package `stopword`, folded. Loaded when it is first asked for. */
export const stopWordList = (name: string): ReadonlySet<string> => {
  const list = (require('stopword') as Readonly<Record<string, readonly string[]>>)[name];
  if (!list) throw new RangeError(`there is no list of stop words ${name}`);
  return new Set(list.map((word) => foldText(word)).filter((word) => !strays.test(word)));
};
