import { estimateTokens } from './token-estimate.ts';

/** How many characters from the start of a text come to so many tokens at most, as `countTokens` counts its beginnings. */
export const charactersThatFit = (
  text: string,
  maxTokens: number,
  countTokens: (beginning: string) => number = estimateTokens,
): number => {
  if (countTokens(text) <= maxTokens) return text.length;
  let fits = 0;
  let tooMany = text.length;
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (countTokens(text.slice(0, middle)) <= maxTokens) fits = middle;
    else tooMany = middle;
  }
  return fits;
};
