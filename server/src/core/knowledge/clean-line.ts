import { normalForm } from './normal-form.ts';
import { maxTitleCharacters } from './document-limits.ts';

/** Control characters, and what only tells a page how to break and draw: zero-width and soft marks, not joiners. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const invisible = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u200b\u2060\ufeff\ufff9-\ufffb]/g;
/** Marks of direction: text is kept in its logical order, which needs none, and they can make it look like another. */
const directionMarks = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g;
/** Characters without a meaning of their own: icons of a page's or a document's font. */
const privateUse = /\p{Co}/gu;

/** Without what is not seen, or makes text look like another; composed. Line ends and blanks stay. */
export const bareText = (text: string): string =>
  normalForm(
    text.toWellFormed().replaceAll(invisible, '').replaceAll(directionMarks, '').replaceAll(privateUse, ''),
    'NFC',
  );

/** One line, with single spaces. */
export const cleanLine = (text: string): string => bareText(text).replaceAll(/\s+/g, ' ').trim();

/** A title, of which anybody may say that it is anything; null where it says nothing. */
export const cleanTitle = (text: string): string | null =>
  cleanLine(cleanLine(text).slice(0, maxTitleCharacters)) || null;
