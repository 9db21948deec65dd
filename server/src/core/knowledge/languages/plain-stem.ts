/** Where inflection ends words, most of what tells them apart stands in so many of their first letters. */
const keptLetters = 6;

/**
 * The stem of a word in a language without rules of its own: its first letters. Measured on XQuAD, that finds more than
 * whole words do in every language with endings, and it changes no short word.
 */
export const plainStem = (word: string): string =>
  word.length <= keptLetters || /\p{N}/u.test(word) ? word : Array.from(word).slice(0, keptLetters).join('');
