import { maxTitleCharacters } from '../../core/knowledge/document-limits.ts';

/** Control characters, and what only tells a page how to break and draw: zero-width and soft marks, not joiners. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const invisible = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u200b\u2060\ufeff\ufff9-\ufffb]/g;
/** Marks of direction: text is kept in its logical order, which needs none, and they can make it look like another. */
const directionMarks = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g;
/** Characters without a meaning of their own: icons of a page's or a document's font. */
const privateUse = /\p{Co}/gu;
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const lineEnds = /\r\n?|[\u000b\u000c\u0085\u2028\u2029]/g;
const spaces = /[^\S\n]+/g;

const bare = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(invisible, '')
    .replaceAll(directionMarks, '')
    .replaceAll(privateUse, '')
    .normalize('NFC');

/** One line, with single spaces. */
export const cleanLine = (text: string): string => bare(text).replaceAll(/\s+/g, ' ').trim();

/** A title, of which a page may say that it is anything; null where it says nothing. */
export const cleanTitle = (text: string): string | null =>
  cleanLine(cleanLine(text).slice(0, maxTitleCharacters)) || null;

/** Lines with single spaces; empty lines between them are dropped where there are several. */
export const cleanText = (text: string): string =>
  bare(text.replaceAll(lineEnds, '\n'))
    .replaceAll(spaces, ' ')
    .replaceAll(/ ?\n ?/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
