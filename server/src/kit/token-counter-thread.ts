import { parentPort } from 'node:worker_threads';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';

/** The other side of `token-counter.ts`: text in, the number of its tokens out, one after the other. */

// Marks of the tokenizer's own in a text are words like any other.
const options = { disallowedSpecial: new Set<string>() };

parentPort?.on('message', ({ id, text }: { id: number; text: string }) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  parentPort?.postMessage({ id, tokens: countTokens(text, options) });
});
