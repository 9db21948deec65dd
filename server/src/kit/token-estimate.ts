/**
 * An estimate of a text's tokens under o200k_base, without its tokenizer, which takes 70 MB, 300 ms to load, and time that
 * grows with the square of a long run's length. One pass over the characters; the figures are means of what the tokenizer
 * gives for words of that length or letters of that script, with something on top, since a prompt that is too long is
 * worse than one that is a little short. Other tokenizers of today differ from it by less than the scripts do from each
 * other.
 */

/** Classes of UTF-16 units. */
const lower = 0;
const upper = 1;
const accented = 2;
const digit = 3;
const space = 4;
const newline = 5;
const punctuation = 6;
const symbol = 7;
/** From here on, letters of other scripts, which are counted one by one. */
const firstScript = 8;

/** Tokens a letter, by script: [first, last, tokens]. The middle of what two to five sentences give. */
const scripts: readonly (readonly [first: number, last: number, tokens: number])[] = [
  [0x0370, 0x03ff, 0.47], // Greek
  [0x0400, 0x052f, 0.36], // Cyrillic
  [0x0530, 0x058f, 0.33], // Armenian
  [0x0590, 0x05ff, 0.45], // Hebrew
  [0x0600, 0x06ff, 0.42], // Arabic
  [0x0700, 0x08ff, 0.9], // Syriac and others that are rare
  [0x0900, 0x097f, 0.38], // Devanagari
  [0x0980, 0x09ff, 0.46], // Bengali
  [0x0a00, 0x0b7f, 0.48], // Gurmukhi, Gujarati, Oriya
  [0x0b80, 0x0bff, 0.37], // Tamil
  [0x0c00, 0x0dff, 0.45], // Telugu, Kannada, Malayalam, Sinhala
  [0x0e00, 0x0eff, 0.45], // Thai, Lao
  [0x0f00, 0x0fff, 1.4], // Tibetan
  [0x1000, 0x109f, 0.5], // Burmese
  [0x10a0, 0x10ff, 0.31], // Georgian
  [0x1100, 0x11ff, 1.2], // Hangul in parts
  [0x1200, 0x139f, 2.4], // Ethiopic
  [0x13a0, 0x177f, 2.4], // Cherokee and others that are rare
  [0x1780, 0x17ff, 0.6], // Khmer
  [0x1800, 0x1dff, 2.4], // Mongolian and others that are rare
  [0x200b, 0x200f, 1], // zero width
  [0x3040, 0x30ff, 0.75], // Hiragana, Katakana
  [0x3100, 0x33ff, 1], // Bopomofo and others
  [0x3400, 0x4dbf, 2], // rare Han
  [0x4e00, 0x9fff, 0.88], // Han
  [0xa000, 0xabff, 2.4], // Yi and others that are rare
  [0xac00, 0xd7ff, 0.79], // Hangul
  [0xd800, 0xdfff, 1.05], // half of an emoji, or of a rare letter
  [0xe000, 0xf8ff, 3], // private use
  [0xf900, 0xfaff, 2], // rare Han
  [0xfb00, 0xfdff, 1.5], // ligatures
  [0xfe00, 0xfe0f, 0.9], // which form of an emoji
];

/** Tokens of a word of ASCII letters by its length, and what each further letter adds: English. */
const englishWord = [0, 1, 1, 1, 1, 1.03, 1.06, 1.08, 1.13, 1.18, 1.25, 1.4, 1.45, 1.5, 1.8, 2.2, 2.7, 3.1, 3.6];
const englishName = [0, 1, 1, 1.08, 1.2, 1.2, 1.3, 1.45, 1.57, 1.65, 1.68, 1.95, 1.9, 2.1, 2.3, 3, 3.4, 3.6, 4.2];
/** And in other languages written with Latin letters, of which the tokenizer has learnt less. */
const foreignWord = [0, 1, 1, 1, 1.03, 1.08, 1.18, 1.36, 1.54, 1.72, 1.86, 2.08, 2.25, 2.35, 2.5, 2.8, 3.2, 3.5, 3.7];
const foreignName = [0, 1, 1, 1.08, 1.2, 1.3, 1.44, 1.64, 1.8, 1.98, 2.1, 2.32, 2.45, 2.9, 3.05, 3.2, 3.65, 4.1, 4.5];
const perFurtherLetter = 0.4;

/** A word with an accent is split about once more than one without. */
const perAccentedWord = 0.15;
/** A capital inside a word (`camelCase`, `HTTP`) starts another token more often than not. */
const perInnerCapital = 0.6;
/** The first sign of a run is a token; the tokenizer has learnt many pairs of them. */
const perFurtherSign = 0.4;
const perSymbol = 1.15;
const digitsPerToken = 3;

/** On top of the means of words, so that few texts are underestimated. */
const wordMargin = 1.05;

/** With this share of accented letters, a text is not English. */
const foreignShare = 0.006;

const classOf = new Uint8Array(0x10000).fill(symbol);
const tokensOfClass = new Float64Array(firstScript + scripts.length);

const setClass = (first: number, last: number, value: number): void => {
  classOf.fill(value, first, last + 1);
};

setClass(0x00, 0x7f, punctuation);
setClass(0x00, 0x20, space);
setClass(0x0a, 0x0a, newline);
setClass(0x0d, 0x0d, newline);
setClass(0x30, 0x39, digit);
setClass(0x41, 0x5a, upper);
setClass(0x61, 0x7a, lower);
setClass(0xa0, 0xa0, space);
setClass(0xc0, 0x036f, accented);
setClass(0x1e00, 0x1eff, accented);
setClass(0x2000, 0x200a, space);
for (const [index, [first, last, tokens]] of scripts.entries()) {
  setClass(first, last, firstScript + index);
  tokensOfClass[firstScript + index] = tokens;
}

/** The number of tokens, at least 1 for a text that is not empty; about a microsecond for 100 characters. */
export const estimateTokens = (text: string): number => {
  let english = 0;
  let foreign = 0;
  let other = 0;
  let letters = 0;
  let accents = 0;
  let at = 0;
  const { length } = text;
  while (at < length) {
    const start = at;
    const kind = classOf[text.charCodeAt(at)] ?? symbol;
    if (kind <= accented) {
      let accentsHere = 0;
      let capitals = 0;
      for (; at < length; at++) {
        const inner = classOf[text.charCodeAt(at)] ?? symbol;
        if (inner > accented) break;
        if (inner === accented) accentsHere++;
        else if (inner === upper && at > start) capitals++;
      }
      const size = at - start;
      const extra = (accentsHere > 0 ? perAccentedWord : 0) + capitals * perInnerCapital;
      english += wordTokens(kind === lower ? englishWord : englishName, size) + extra;
      foreign += wordTokens(kind === lower ? foreignWord : foreignName, size) + extra;
      letters += size;
      accents += accentsHere;
    } else if (kind >= firstScript) {
      other += tokensOfClass[kind] ?? 1;
      at++;
    } else {
      while (at < length && classOf[text.charCodeAt(at)] === kind) at++;
      other += runTokens(kind, at - start);
    }
  }
  const share = letters === 0 ? 0 : Math.min(1, accents / letters / foreignShare);
  return Math.ceil(other + (english + (foreign - english) * share) * wordMargin);
};

const wordTokens = (table: readonly number[], size: number): number => {
  const last = table.length - 1;
  return size <= last ? (table[size] ?? 0) : (table[last] ?? 0) + (size - last) * perFurtherLetter;
};

const runTokens = (kind: number, size: number): number => {
  switch (kind) {
    case digit:
      return Math.ceil(size / digitsPerToken);
    case space:
      // one space belongs to the word behind it, and a long indentation is one token
      return size === 1 ? 0 : 1 + Math.floor(size / 80);
    case newline:
      return 1 + Math.floor(size / 8);
    case punctuation:
      return 1 + (size - 1) * perFurtherSign;
    default:
      return size * perSymbol;
  }
};
