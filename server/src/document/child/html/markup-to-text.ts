import { inlineText } from './inline-text.ts';
import { parseMarkup } from './parse-markup.ts';

/** A piece of HTML, as a cell of a table may hold, as lines of text. */
export const markupToText = (markup: string): string => {
  const { body } = parseMarkup(markup);
  return body ? inlineText(body) : '';
};
