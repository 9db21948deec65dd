import type { Answer } from './answer.ts';
import type { AnswerReader } from './answer-reader.ts';
import { ReadJson } from './read-json.ts';
import { ReadStream } from './read-stream.ts';

const OPENING_BRACE = 0x7b;

/** White space, line ends, and the bytes of a byte order mark. Some servers send blank lines until a JSON is ready. */
const isPadding = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09 || byte === 0xef || byte === 0xbb || byte === 0xbf;

/**
 * Chooses the reader by the first byte that means something: an object is a JSON answer, all else an event stream.
 * What was asked for and what the content type says is left aside: servers answer either with either. Null while
 * nothing but padding has come.
 */
export const openReader = (chunk: Buffer, answer: Answer): AnswerReader | null => {
  let start = 0;
  while (start < chunk.length && isPadding(chunk[start] ?? 0)) start += 1;
  if (start === chunk.length) return null;
  const reader = chunk[start] === OPENING_BRACE ? new ReadJson(answer) : new ReadStream(answer);
  reader.feed(start === 0 ? chunk : chunk.subarray(start));
  return reader;
};
