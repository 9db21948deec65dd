import { charactersThatFit } from '../../kit/characters-that-fit.ts';
import { estimateTokens } from '../../kit/token-estimate.ts';
import type { RememberedMessage } from './memory-store.ts';

/** Of a message: what matters stands at its beginning, and what is longer is pasted. */
const maxMessageCharacters = 4_000;
/** However long they are, so many are read at once: where a context is small memory would not keep up otherwise. */
const minMessages = 4;
/** A message of which less is left says nothing. */
const minMessageTokens = 16;
/** Who says it, or its number. */
const labelTokens = 6;

/** Every line is quoted, so that nothing in it can pass for a line of ours. */
export const quoteLines = (text: string): string =>
  text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => `> ${line}`)
    .join('\n');

/** The first of these messages, as many as come to so many tokens when they are quoted; one at least, each cut to its share. */
export const fitMessages = (messages: readonly RememberedMessage[], roomTokens: number): RememberedMessage[] => {
  const share = Math.max(minMessageTokens, Math.floor(roomTokens / minMessages) - labelTokens);
  const fitting: RememberedMessage[] = [];
  let left = roomTokens;
  for (const message of messages) {
    const beginning = message.text.slice(0, maxMessageCharacters);
    const text = beginning.slice(0, charactersThatFit(beginning, share, countQuoted)).toWellFormed();
    left -= countQuoted(text) + labelTokens;
    if (left < 0 && fitting.length > 0) break;
    fitting.push({ ...message, text });
  }
  return fitting;
};

const countQuoted = (text: string): number => estimateTokens(quoteLines(text));
