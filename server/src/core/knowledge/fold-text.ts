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

const ascii = /^[\0-\x7f]*$/;

/**
 * One spelling for what readers take as the same word: compatibility forms, case and accents are folded. Marks that
 * belong to the word (Thai and Indian vowels, Japanese voicing) stay.
 */
export const foldText = (text: string): string => {
  if (ascii.test(text)) return text.toLowerCase();
  return text
    .normalize('NFKD')
    .replace(optionalMarks, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(letterWithPlainForm, (letter) => plainForms[letter] ?? letter);
};
