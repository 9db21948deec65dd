import { normalForm } from './normal-form.ts';

/** Marks that are written or left out without changing the word: Latin, Greek and Cyrillic accents, Hebrew and Arabic vowels. */
const optionalMarks = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]/g;

/** Letters that Unicode does not take apart, with what people type for them. */
const plainForms: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ς: 'σ',
};
const letterWithPlainForm = /[ßæœøłđðþıς]/g;

/** Digits of other scripts, which people write beside those of ASCII; each script has its ten in a row. */
const otherDigit = /(?![0-9])\p{Nd}/gu;

const plainDigit = (digit: string): string => {
  const code = digit.codePointAt(0) ?? 0;
  // the row's zero is where ten lower ones are no digits; rows start at multiples of 16, or at 6 above one
  for (let value = 0; value < 10; value++) {
    if (!/\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) return String(value);
  }
  return digit;
};

/** Letters that Persian and Urdu keyboards write differently, and Hebrew ones at a word's end. */
const variantLetters: Readonly<Record<string, string>> = {
  ی: 'ي',
  ک: 'ك',
  ך: 'כ',
  ם: 'מ',
  ן: 'נ',
  ף: 'פ',
  ץ: 'צ',
};
const variantLetter = /[یکךםןףץ]/g;

/** Strokes that stretch an Arabic word, and marks that join or divide letters without a sound. */
const soundless = /[\u0640\u200c\u200d]/g;

const ascii = /^[\0-\x7f]*$/;

/**
 * One spelling for what readers take as the same word: compatibility forms, case and accents are folded. Marks that
 * belong to the word (Thai and Indian vowels, Japanese voicing) stay.
 */
export const foldText = (text: string): string => {
  if (ascii.test(text)) return text.toLowerCase();
  const bare = normalForm(text, 'NFKD').replace(optionalMarks, '');
  return normalForm(bare, 'NFC')
    .toLowerCase()
    .replace(letterWithPlainForm, (letter) => plainForms[letter] ?? letter)
    .replace(variantLetter, (letter) => variantLetters[letter] ?? letter)
    .replace(soundless, '')
    .replace(otherDigit, plainDigit);
};
