import { foldText } from '../knowledge/fold-text.ts';
import { termHash } from './term-hash.ts';

/** Names that one message may address; more are a list of something. */
const maxNames = 4;
/** A form of address stands near the start or the end of what is said. */
const readCharacters = 400;

/** `Hi Ann!`, `Thanks, Ann.`: one capitalised word behind the first word of a sentence and before a sign. */
const behindOpening = /(?:^|[.!?]\s+)\p{L}+,? (\p{Lu}[\p{L}\p{M}]+)(?=[,!.?])/gu;
/** `…, Ann!`: one capitalised word between signs. */
const betweenSigns = /[,!] (\p{Lu}[\p{L}\p{M}]+)(?=[!?.]|$)/gu;

/** The names by which a text seems to speak to somebody, folded. Who is spoken to is not the one who speaks. */
export const addressedNames = (text: string): Set<string> => {
  const read =
    text.length <= 2 * readCharacters ? text : `${text.slice(0, readCharacters)}\n${text.slice(-readCharacters)}`;
  const names = new Set<string>();
  for (const pattern of [behindOpening, betweenSigns]) {
    for (const [, name] of read.matchAll(pattern)) {
      if (name !== undefined && names.size < maxNames) names.add(foldText(name));
    }
  }
  return names;
};

/** What the index holds for a name that is spoken to, beside the words. */
export const addressTerm = (foldedName: string): number => termHash(`@${foldedName}`);
