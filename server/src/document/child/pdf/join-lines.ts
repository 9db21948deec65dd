/** Words of a document, to tell a hyphen that divides a line from one that belongs to a word. */
export type Vocabulary = ReadonlySet<string>;

const maxWords = 200_000;

/** From lines in their order; the two parts of a word that a line divides are none. */
export const collectWords = (lines: Iterable<string>): Vocabulary => {
  const words = new Set<string>();
  let wasDivided = false;
  for (const line of lines) {
    const found = line.toLowerCase().match(/[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*/gu) ?? [];
    const isDivided = divided.test(line);
    const whole = found.slice(wasDivided ? 1 : 0, isDivided ? -1 : undefined);
    for (const word of whole) if (words.size < maxWords) words.add(word);
    wasDivided = isDivided;
  }
  return words;
};

const divided = /(?<before>[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*)[-\u00ad\u2010]$/u;
const continued = /^\p{Ll}[\p{L}\p{N}]*/u;
/** Written without spaces. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}，。、]/u;

/** Two lines of one paragraph as one; a word that was divided at the end of the first is whole again. */
export const joinLines = (before: string, after: string, words: Vocabulary): string => {
  const start = divided.exec(before)?.groups?.['before'];
  const end = continued.exec(after)?.[0];
  if (start !== undefined && end !== undefined) {
    const compound = `${start}-${end}`.toLowerCase();
    const whole = `${start}${end}`.toLowerCase();
    const areWords = words.has(start.toLowerCase()) && words.has(end.toLowerCase());
    const keepsHyphen = !words.has(whole) && (words.has(compound) || areWords);
    return keepsHyphen ? before + after : before.slice(0, -1) + after;
  }
  // a name of two, or a range
  if (start !== undefined && /^[\p{Lu}\p{N}]/u.test(after)) return before + after;
  const isUnspaced = unspaced.test(before.at(-1) ?? '') && unspaced.test(after[0] ?? '');
  return isUnspaced ? before + after : `${before} ${after}`;
};
