import { GrowingBlock } from './growing-block.ts';
import { blockOfSegment, type IndexBlock } from './index-block.ts';
import { packBehind } from './pack-messages.ts';
import type { RecallSource } from './recall-message.ts';
import { decodeSegment, encodeSegment, maxSegmentMessages, type PackedMessage } from './segment-codec.ts';
import type { LanguageAnalyser } from '../knowledge/language-analyser.ts';

/** Blocks of one conversation that are searched: its latest 16,000 messages, some 5 MB. */
export const maxBlocks = 256;
/** Messages behind a place that may yet be filled; when it is a segment more, the oldest wait for the job that packs them. */
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
  #looseBlock = new GrowingBlock();
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
    return bytesOfIndex + this.#packedBytes + this.#looseBlock.sizeBytes + bytesOfNotice * this.#loose.size;
  }

  get blocks(): readonly IndexBlock[] {
    return this.#loose.size === 0 ? this.#blocks : [...this.#blocks, this.#looseBlock];
  }

  /** The place behind which messages are to be read for it; above `to` where some were left out. */
  get readTo(): number {
    return Math.max(this.#to, this.#skippedTo);
  }

  /** Adds messages in the order of their places. */
  add(messages: readonly RecallSource[]): void {
    const added = messages.filter(({ seq }) => seq > this.#to && !this.#loose.has(seq));
    if (added.length === 0) return;
    const { packed, language } = packBehind(added, this.#language);
    this.#language = language;
    const last = this.#looseBlock.messages.at(-1)?.seq ?? 0;
    for (const { seq } of added) this.#loose.set(seq, null);
    for (const one of packed) {
      this.#loose.set(one.message.seq, one);
      this.#looseBlock.push(one);
    }
    if ((packed[0]?.message.seq ?? Infinity) < last) this.#gatherLoose();
    this.settle(this.#to);
    this.#tidy();
  }

  /** Leaves out what was not added before a place, until a job has packed it. */
  skipTo(seq: number): void {
    this.#skippedTo = seq;
  }

  /** Everything up to a place was added but what was left out, and no place before it can be filled any more. */
  settle(to: number): void {
    if (this.#skippedTo > this.#to) this.#skippedTo = Math.max(this.#skippedTo, to);
    else this.#to = Math.max(this.#to, to);
    while (this.#loose.has(this.#to + 1)) this.#to += 1;
    while (this.#loose.has(this.#skippedTo + 1)) this.#skippedTo += 1;
  }

  /** Packs what is complete, a block at a time, and lets go of what is too much. */
  #tidy(): void {
    // its messages come in the order of their places, but for those that came late
    const first = this.#looseBlock.messages[0]?.seq ?? 0;
    const isFull = this.#to - first >= maxSegmentMessages - 1;
    if (!isFull && this.#loose.size <= maxLoose + maxSegmentMessages) return;
    const inOrder = this.#inOrder();
    const complete = inOrder.filter(([seq]) => seq <= this.#to);
    let removed = 0;
    for (; removed + maxSegmentMessages <= complete.length; removed += maxSegmentMessages) {
      const packed = complete.slice(removed, removed + maxSegmentMessages).flatMap(([, one]) => one ?? []);
      if (packed.length > 0) this.#push(blockOfSegment(decodeSegment(encodeSegment(packed))));
    }
    removed = Math.max(removed, inOrder.length - maxLoose);
    if (removed <= 0) return;
    for (const [seq] of inOrder.slice(0, removed)) this.#loose.delete(seq);
    this.#gatherLoose();
  }

  #gatherLoose(): void {
    this.#looseBlock = new GrowingBlock();
    for (const [, packed] of this.#inOrder()) if (packed) this.#looseBlock.push(packed);
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
