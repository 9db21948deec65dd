import type { RecallMessage } from './recall-message.ts';
import type { PackedMessage, Segment } from './segment-codec.ts';

/** After so long a silence another sitting begins; one that does not end is cut. */
export const sittingGapMs = 3 * 3_600_000;
const maxSittingMessages = 40;

/** Some messages of a conversation in the order of their places, ready to be searched. A sitting ends with its block. */
export type IndexBlock = Pick<Segment, 'find' | 'sizeBytes'> & {
  messages: readonly RecallMessage[];
  /** Of each message, counted from 0. */
  sittings: Uint8Array;
  /** In terms. */
  sittingLengths: readonly number[];
};

export const blockOfSegment = ({ messages, sizeBytes, find }: Omit<Segment, 'entries'>): IndexBlock => {
  const sittings = new Uint8Array(messages.length);
  const sittingLengths: number[] = [];
  let size = maxSittingMessages;
  let last = 0;
  for (const [at, { length, createdAt }] of messages.entries()) {
    if (size >= maxSittingMessages || Math.abs(createdAt - last) > sittingGapMs) {
      sittingLengths.push(0);
      size = 0;
    }
    const sitting = sittingLengths.length - 1;
    sittings[at] = sitting;
    sittingLengths[sitting] = (sittingLengths[sitting] ?? 0) + length;
    size += 1;
    last = createdAt;
  }
  return { messages, sizeBytes, find, sittings, sittingLengths };
};

/** What a message that is not packed takes, and a term of it, as measured. */
const bytesOfMessage = 300;
const bytesOfTerm = 60;

/** Of messages that are not packed yet: few enough to be looked at one by one. */
export const blockOfMessages = (packed: readonly PackedMessage[]): IndexBlock =>
  blockOfSegment({
    messages: packed.map(({ message }) => message),
    sizeBytes: packed.reduce((sum, { terms }) => sum + bytesOfMessage + bytesOfTerm * terms.size, 0),
    find(term, visit) {
      for (const [at, { terms }] of packed.entries()) {
        const count = terms.get(term);
        if (count !== undefined) visit(at, count);
      }
    },
  });
