/** A sentence with its offsets in the text. */
export type Sentence = { text: string; start: number; end: number };

/** Abbreviations that are followed by more of the same sentence, as they end before their dot. */
const abbreviations = new Set(
  `mr mrs ms dr prof st sr jr vs etc no nos vol fig figs inc ltd co corp dept est approx e.g i.e cf al ca op ed eds rev gen
  col lt sgt capt gov sen rep hon pres jan feb mar apr jun jul aug sep sept oct nov dec u.s u.k u.n d.c ph.d a.m p.m b.c a.d
  z.b d.h u.a bzw usw ggf evtl nr str tel abs art bd hr fr sog mind max min sra srta dra ud uds pag ee.uu p.ej av avda`.split(
    /\s+/,
  ),
);

const lastWord = /([\p{L}\p{N}.]+)\.["'”’)\]]*\s*$/u;
const startsLower = /^["'“‘([]*\p{Ll}/u;

/** What tells an abbreviation stands in the last characters; a whole text of initials must not be read again for each. */
const endingCharacters = 40;

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/**
 * Sentences by the Unicode rules (UAX #29), joined again where the end was only that of an abbreviation or an initial.
 * Lines end sentences too.
 */
export const splitSentences = (text: string): Sentence[] => [...sentencesOf(text)];

/** The same, one by one: a text of a million characters has others wait for it otherwise. */
export const sentencesOf = function* (text: string): Generator<Sentence> {
  let start = 0;
  let end = 0;
  const sentence = function* (): Generator<Sentence> {
    const raw = text.slice(start, end);
    const trimmed = raw.trim();
    if (trimmed === '') return;
    const from = start + raw.indexOf(trimmed);
    yield { text: trimmed, start: from, end: from + trimmed.length };
  };
  for (const { segment, index } of segmenter.segment(text)) {
    if (index > start && !continues(text.slice(Math.max(start, index - endingCharacters), index), segment)) {
      yield* sentence();
      start = index;
    }
    end = index + segment.length;
  }
  yield* sentence();
};

/** True where the text before does not end a sentence. */
const continues = (before: string, next: string): boolean => {
  if (before.endsWith('\n')) return false;
  if (startsLower.test(next)) return true;
  const word = lastWord.exec(before)?.[1];
  if (word === undefined) return false;
  const bare = word.toLowerCase();
  if (abbreviations.has(bare)) return /^["'“‘([]*[\p{Lu}\p{N}]/u.test(next);
  // an initial: "J. Smith", but not "plan B." at a sentence's end before a longer one
  return /^\p{Lu}$/u.test(word) && /^\p{Lu}/u.test(next);
};
