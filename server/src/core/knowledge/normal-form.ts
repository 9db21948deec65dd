/** Of marks on one character; the stream-safe format of UAX #15 allows as many, and no writing has half of them. */
const maxMarks = 30;

/** Marks, and the halfwidth signs of voice in Japanese, which compatibility forms take for marks. */
const mark = String.raw`[\p{M}\uff9e\uff9f]`;
/** One unit of UTF-16 that is a mark, or half a character that may be one. */
const markUnit = new RegExp(String.raw`${mark}|\p{Cs}`, 'u');
const firstMark = 0x300;
const furtherMarks = new RegExp(`(${mark}{${maxMarks}})${mark}+`, 'gu');

/**
 * A text in a normal form of Unicode (UAX #15), with the first 30 of more marks in a row: they are put into their order
 * one by one, and the time for that grows with the square of their number. The only place where a text may be normalised.
 */
export const normalForm = (text: string, form: 'NFC' | 'NFKC' | 'NFKD'): string =>
  (mayHaveTooMany(text) ? text.replaceAll(furtherMarks, '$1') : text).normalize(form);

/** No longer run lies between two looks: of ordinary text one character in thirty is looked at. */
const mayHaveTooMany = (text: string): boolean => {
  for (let at = maxMarks; at < text.length; at += maxMarks + 1) {
    if (!isMarkAt(text, at)) continue;
    let from = at;
    while (isMarkAt(text, from - 1)) from--;
    let end = at + 1;
    while (end - from <= maxMarks && isMarkAt(text, end)) end++;
    if (end - from > maxMarks) return true;
  }
  return false;
};

const isMarkAt = (text: string, at: number): boolean =>
  text.charCodeAt(at) >= firstMark && markUnit.test(text[at] ?? '');
