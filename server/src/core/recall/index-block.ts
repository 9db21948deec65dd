import type { RecallMessage } from './recall-message.ts';
import type { PackedMessage, Segment } from './segment-codec.ts';

/** After so long a silence another sitting begins; one that does not end is cut. */
export const sittingGapMs = 3 * 3_600_000;
const maxSittingMessages = 40;

/** Some messages of a conversation in the order of their places, ready to be searched. A sitting ends with its block. */
export type IndexBlock = Pick<Segment, 'find' | 'sizeBytes'> & {
  messages: readonly RecallMessage[];
  /** Of each message, counted from 0. */
  sittings: Uint8Array | readonly number[];
  /** In terms. */
  sittingLengths: readonly number[];
};

export const blockOfSegment = ({ messages, sizeBytes, find }: Omit<Segment, 'entries'>): IndexBlock => {
  const sittings = new Uint8Array(messages.length);
  const sittingLengths: number[] = [];
  let state = noSitting;
  for (const [at, message] of messages.entries()) {
    state = nextSitting(state, message, sittingLengths);
    sittings[at] = sittingLengths.length - 1;
  }
  return { messages, sizeBytes, find, sittings, sittingLengths };
};

/** How many messages the last sitting has, and when the last of them was said. */
export type SittingState = { size: number; last: number };

/** The first message begins one. */
export const noSitting: SittingState = { size: maxSittingMessages, last: 0 };

/** Adds the next message to the last of the sittings, or as another one, by their lengths. */
export const nextSitting = (
  { size, last }: SittingState,
  { length, createdAt }: RecallMessage,
  sittingLengths: number[],
): SittingState => {
  const isSame = size < maxSittingMessages && Math.abs(createdAt - last) <= sittingGapMs;
  if (isSame) sittingLengths[sittingLengths.length - 1]! += length;
  else sittingLengths.push(length);
  return { size: isSame ? size + 1 : 1, last: createdAt };
};

/** What a message that is not packed takes, and a term of it, as measured. */
const bytesOfMessage = 300;
const bytesOfTerm = 60;

export const bytesOfPacked = ({ terms }: PackedMessage): number => bytesOfMessage + bytesOfTerm * terms.size;
