import type { IndexBlock } from './index-block.ts';
import type { RecallMessage } from './recall-message.ts';

/** Messages with one word that are looked at, the latest first: a word of more tells little. */
const maxHitsOfWord = 256;
/** How often a term is sought in a block, for one question. Of a long message fewer blocks are searched, the latest. */
const maxLookUps = 10_000;

export type ConversationBlocks = {
  conversationId: string;
  /** In the order of their places. */
  blocks: readonly IndexBlock[];
  /** From this place on messages are shown anyway; null where none are. */
  shownFrom: number | null;
};

export type Place = {
  conversation: ConversationBlocks;
  message: RecallMessage;
  /** Counted over all conversations. */
  sitting: number;
};

/** Places that hold a word, with how often, and the factor by which there are more of them in what was not searched. */
export type Hits = { places: ReadonlyMap<number, number>; unseen: number };

type Part = { conversation: ConversationBlocks; block: IndexBlock; first: number; firstSitting: number };

/**
 * Messages of all conversations in one row, by their numbers: those of one conversation beside each other, in the order
 * in which they were said. Making it costs the number of blocks, and no look at a message.
 */
export class RecallIndex {
  readonly size: number;
  readonly sittings: number;
  readonly meanLength: number;
  readonly meanSittingLength: number;
  readonly #parts: Part[] = [];
  /** Parts of the latest messages first, so far as a question of that many terms searches them. */
  readonly #searched: readonly Part[];

  /** Of the youngest conversation first. */
  constructor(conversations: readonly ConversationBlocks[], terms: number) {
    const searched: Part[] = [];
    let size = 0;
    let sittings = 0;
    let length = 0;
    for (const conversation of conversations) {
      const from = this.#parts.length;
      for (const block of conversation.blocks) {
        this.#parts.push({ conversation, block, first: size, firstSitting: sittings });
        size += block.messages.length;
        sittings += block.sittingLengths.length;
        for (const each of block.sittingLengths) length += each;
      }
      searched.push(...this.#parts.slice(from).toReversed());
    }
    this.#searched = searched.slice(0, Math.ceil(maxLookUps / Math.max(1, terms)));
    this.size = size;
    this.sittings = sittings;
    this.meanLength = Math.max(1, length / Math.max(1, size));
    this.meanSittingLength = Math.max(1, length / Math.max(1, sittings));
  }

  /** Places that hold any of the terms. */
  find(terms: readonly number[]): Hits {
    const places = new Map<number, number>();
    let seen = 0;
    for (const { block, first } of this.#searched) {
      if (places.size >= maxHitsOfWord) break;
      seen += block.messages.length;
      for (const term of terms) {
        block.find(term, (at, count) => places.set(first + at, (places.get(first + at) ?? 0) + count));
      }
    }
    return { places, unseen: this.size / Math.max(1, seen) };
  }

  place(at: number): Place {
    const { conversation, block, first, firstSitting } = this.#partOf(at);
    return {
      conversation,
      message: block.messages[at - first]!,
      sitting: firstSitting + (block.sittings[at - first] ?? 0),
    };
  }

  /** Of the sitting that a place is in, in terms. */
  sittingLength(at: number): number {
    const { block, first } = this.#partOf(at);
    return block.sittingLengths[block.sittings[at - first] ?? 0] ?? 0;
  }

  /** The places of the sitting that a place is in. */
  sittingAround(at: number): number[] {
    const { block, first } = this.#partOf(at);
    const sitting = block.sittings[at - first];
    const places: number[] = [];
    for (const [index, each] of block.sittings.entries()) if (each === sitting) places.push(first + index);
    return places;
  }

  /** Places whose messages are of a span of time, the latest first. */
  between(from: number, before: number, limit: number): number[] {
    const places: number[] = [];
    for (const { block, first } of this.#searched) {
      for (const [at, { createdAt }] of block.messages.entries()) {
        if (places.length < limit && createdAt >= from && createdAt < before) places.push(first + at);
      }
      if (places.length >= limit) break;
    }
    return places;
  }

  #partOf(at: number): Part {
    let low = 0;
    let high = this.#parts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#parts[middle]?.first ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return this.#parts[low]!;
  }
}
