import { blockOfMessages, blockOfSegment, type IndexBlock } from './index-block.ts';
import { languageAround, packMessages } from './pack-messages.ts';
import type { RecallSource } from './recall-message.ts';
import { decodeSegment, encodeSegment, maxSegmentMessages, type PackedMessage } from './segment-codec.ts';
import type { LanguageAnalyser } from '../knowledge/language-analyser.ts';

/** Blocks of one conversation that are searched: its latest 16,000 messages, some 5 MB. */
export const maxBlocks = 256;
/** Messages behind a place that may yet be filled; past it the oldest wait for the job that packs them. */
const maxLoose = 8 * maxSegmentMessages;

/** What an index takes with nothing in it, and a notice. */
const bytesOfIndex = 1_000;
const bytesOfNotice = 50;

/**
 * The index of one conversation as it is kept in memory: up to the place `to` it is complete. It grows with the
 * conversation, so that each message is read and packed once, and not for each question.
 */
export class ConversationIndex {
  /** See `RecallConversation.revision`. */
  readonly revision: number;
  readonly madeAt: number;
  #to: number;
  #blocks: IndexBlock[];
  #packedBytes: number;
  /** Not in a block yet, by their places; null for a notice. */
  #loose = new Map<number, PackedMessage | null>();
  #looseBlock: IndexBlock | null = null;
  #skippedTo = 0;
  #language: LanguageAnalyser | null = null;

  /** `packed`: segments in the order of their places, all of them up to `to`. */
  constructor(made: { revision: number; at: number; to: number; packed: readonly IndexBlock[] }) {
    this.revision = made.revision;
    this.madeAt = made.at;
    this.#blocks = [...made.packed];
    this.#packedBytes = made.packed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    // a job may have packed more since `to` was read
    this.#to = Math.max(made.to, made.packed.at(-1)?.messages.at(-1)?.seq ?? 0);
  }

  get to(): number {
    return this.#to;
  }

  /** About what it takes in memory. */
  get sizeBytes(): number {
    const loose = this.#loose.size === 0 ? 0 : this.#looseMessages.sizeBytes + bytesOfNotice * this.#loose.size;
    return bytesOfIndex + this.#packedBytes + loose;
  }

  get blocks(): readonly IndexBlock[] {
    return this.#loose.size === 0 ? this.#blocks : [...this.#blocks, this.#looseMessages];
  }

  get #looseMessages(): IndexBlock {
    return (this.#looseBlock ??= blockOfMessages(this.#inOrder().flatMap(([, packed]) => packed ?? [])));
  }

  /** The place behind which messages are to be read for it; above `to` where some were left out. */
  get readTo(): number {
    return Math.max(this.#to, this.#skippedTo);
  }

  /** Adds messages in the order of their places. */
  add(messages: readonly RecallSource[]): void {
    const added = messages.filter(({ seq }) => seq > this.#to && !this.#loose.has(seq));
    if (added.length === 0) return;
    this.#language = languageAround(added) ?? this.#language;
    const packed = new Map(packMessages(added, this.#language).map((one) => [one.message.seq, one]));
    for (const { seq } of added) this.#loose.set(seq, packed.get(seq) ?? null);
    this.#looseBlock = null;
    this.settle(this.#to);
    this.#tidy();
  }

  /** Leaves out what was not added before a place, until a job has packed it. */
  skipTo(seq: number): void {
    this.#skippedTo = seq;
  }

  /** Everything up to a place was added, and no place before it can be filled any more. */
  settle(to: number): void {
    this.#to = Math.max(this.#to, to);
    while (this.#loose.has(this.#to + 1)) this.#to += 1;
    while (this.#loose.has(this.#skippedTo + 1)) this.#skippedTo += 1;
  }

  /** Packs what is complete, a block at a time, and lets go of what is too much. */
  #tidy(): void {
    const complete = this.#inOrder().filter(([seq]) => seq <= this.#to);
    for (let at = 0; at + maxSegmentMessages <= complete.length; at += maxSegmentMessages) {
      const part = complete.slice(at, at + maxSegmentMessages);
      const packed = part.flatMap(([, one]) => one ?? []);
      if (packed.length > 0) this.#push(blockOfSegment(decodeSegment(encodeSegment(packed))));
      for (const [seq] of part) this.#loose.delete(seq);
    }
    for (const [seq] of this.#inOrder().slice(0, Math.max(0, this.#loose.size - maxLoose))) this.#loose.delete(seq);
  }

  #push(block: IndexBlock): void {
    this.#blocks.push(block);
    this.#packedBytes += block.sizeBytes;
    while (this.#blocks.length > maxBlocks) this.#packedBytes -= this.#blocks.shift()?.sizeBytes ?? 0;
  }

  #inOrder(): [seq: number, packed: PackedMessage | null][] {
    return [...this.#loose].toSorted(([one], [other]) => one - other);
  }
}
