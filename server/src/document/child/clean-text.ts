import { bareText } from '../../core/knowledge/clean-line.ts';

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const lineEnds = /\r\n?|[\u000b\u000c\u0085\u2028\u2029]/g;
const spaces = /[^\S\n]+/g;

/** Lines with single spaces; empty lines between them are dropped where there are several. */
export const cleanText = (text: string): string =>
  bareText(text.replaceAll(lineEnds, '\n'))
    .replaceAll(spaces, ' ')
    .replaceAll(/ ?\n ?/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
