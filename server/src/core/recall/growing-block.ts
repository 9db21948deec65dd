import { bytesOfPacked, type IndexBlock, nextSitting, noSitting, type SittingState } from './index-block.ts';
import type { RecallMessage } from './recall-message.ts';
import type { PackedMessage } from './segment-codec.ts';

/** Of messages that are not packed yet: one more costs its own terms, and none of those before it. */
export class GrowingBlock implements IndexBlock {
  readonly messages: RecallMessage[] = [];
  readonly sittings: number[] = [];
  readonly sittingLengths: number[] = [];
  sizeBytes = 0;
  /** By term: the indexes of messages and how often each holds it, in turn. */
  readonly #places = new Map<number, number[]>();
  #sitting: SittingState = noSitting;

  /** `packed`: of a place behind those that are here. */
  push(packed: PackedMessage): void {
    const { message, terms } = packed;
    const index = this.messages.push(message) - 1;
    this.#sitting = nextSitting(this.#sitting, message, this.sittingLengths);
    this.sittings.push(this.sittingLengths.length - 1);
    this.sizeBytes += bytesOfPacked(packed);
    for (const [term, count] of terms) {
      const places = this.#places.get(term);
      if (places) places.push(index, count);
      else this.#places.set(term, [index, count]);
    }
  }

  find(term: number, visit: (index: number, count: number) => void): void {
    const places = this.#places.get(term);
    if (!places) return;
    for (let at = 0; at < places.length; at += 2) visit(places[at]!, places[at + 1]!);
  }
}
