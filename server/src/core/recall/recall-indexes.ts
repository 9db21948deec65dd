import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../kit/clock.ts';
import { WeighedCache } from '../../kit/weighed-cache.ts';
import { turnSeats } from '../conversation/conversation.ts';
import { ConversationIndex, maxBlocks } from './conversation-index.ts';
import { blockOfSegment, type IndexBlock } from './index-block.ts';
import type { ConversationBlocks } from './recall-index.ts';
import { maxListed, type RecallConversation, type RecallReader } from './recall-store.ts';
import { decodeSegment, maxSegmentMessages } from './segment-codec.ts';

/** Messages that are read and packed for one question, once each; the rest waits for the job, or for the next question. */
const maxUnpacked = 4 * maxSegmentMessages;
/** Segments between which other turns get their chance: about half a millisecond. */
const segmentsAtOnce = 32;
/** What all indexes together may take: some 200,000 messages of twenty words. */
const maxKeptBytes = 64_000_000;
/** An index is made anew after so long, and is let go of once it was not asked for so long. */
const maxAgeMs = 10 * 60_000;

/** A conversation, and from which place on it is none of recall's business; up to `nextSeq` it may be read ahead. */
export type RecallScope = RecallConversation & { before: number };

export type RecallIndexesOptions = {
  recall: Pick<RecallReader, 'segments' | 'unpacked'>;
  /** Told that messages of a conversation wait to be packed. It must cost next to nothing, and not throw. */
  onUnpacked: (place: { workspaceId: string; conversationId: string }) => void;
  clock: Clock;
  maxBytes?: number;
};

/**
 * The indexes of the conversations that were searched last, in memory. Whose they are, and whether one still holds, is
 * read anew for each question: `revision` says that messages were taken away, `nextSeq` that some were added, on whatever
 * server. And what is shown is read by its place at the very end, so that nothing that was deleted can come of them.
 */
export class RecallIndexes {
  readonly #options: RecallIndexesOptions;
  readonly #kept: WeighedCache<string, ConversationIndex>;

  constructor(options: RecallIndexesOptions) {
    this.#options = options;
    const { clock, maxBytes = maxKeptBytes } = options;
    this.#kept = new WeighedCache({ maxWeight: maxBytes, idleMs: maxAgeMs, clock });
  }

  get sizeBytes(): number {
    return this.#kept.weight;
  }

  /** What there is to search in, of the youngest conversation first, as they are given. */
  async load(workspaceId: string, scopes: readonly RecallScope[]): Promise<ConversationBlocks[]> {
    const taken = await this.#takeSegments(workspaceId, scopes);
    await this.#addUnpacked(workspaceId, taken);
    // the youngest conversation is the last to be let go of
    for (const { scope, index } of taken.toReversed()) {
      this.#kept.set(keyOf(workspaceId, scope.id), index, index.sizeBytes);
    }
    let room = maxBlocks;
    return taken.flatMap(({ scope, index }) => {
      if (room <= 0) return [];
      const blocks = index.blocks.slice(-room);
      room -= blocks.length;
      return { conversationId: scope.id, blocks, shownFrom: scope.before };
    });
  }

  /** The indexes that are kept, and of others what is packed, as far as there is room. */
  async #takeSegments(workspaceId: string, scopes: readonly RecallScope[]): Promise<Taken[]> {
    const taken: { scope: RecallScope; index: ConversationIndex | null }[] = [];
    let room = maxBlocks;
    for (const scope of scopes) {
      if (room <= 0) break;
      const index = this.#find(workspaceId, scope);
      taken.push({ scope, index });
      room -= index?.blocks.length ?? 0;
    }
    const wanted = taken
      .filter(({ scope, index }) => index === null && scope.packedSeq > 0)
      .map(({ scope }) => scope.id);
    const { blocks, isFull } = await this.#readSegments(workspaceId, wanted, Math.max(0, room));
    return taken.flatMap(({ scope, index }) => {
      if (index) return { scope, index };
      const packed = blocks.get(scope.id);
      if (!packed && scope.packedSeq > 0 && isFull) return [];
      const made = { revision: scope.revision, at: this.#options.clock(), to: scope.packedSeq, packed: packed ?? [] };
      return { scope, index: new ConversationIndex(made) };
    });
  }

  async #readSegments(
    workspaceId: string,
    conversationIds: readonly string[],
    limit: number,
  ): Promise<{ blocks: Map<string, IndexBlock[]>; isFull: boolean }> {
    const blocks = new Map<string, IndexBlock[]>();
    if (conversationIds.length === 0 || limit === 0) return { blocks, isFull: limit === 0 };
    const segments = await this.#options.recall.segments(workspaceId, conversationIds, limit);
    // the latest came first
    for (const [nth, { conversationId, packed }] of segments.toReversed().entries()) {
      if (nth > 0 && nth % segmentsAtOnce === 0) await setImmediate();
      const block = blockOfSegment(decodeSegment(ownBytes(packed)));
      const known = blocks.get(conversationId);
      if (known) known.push(block);
      else blocks.set(conversationId, [block]);
    }
    return { blocks, isFull: segments.length === limit };
  }

  async #addUnpacked(workspaceId: string, taken: readonly Taken[]): Promise<void> {
    const lagging = taken.filter(({ scope, index }) => index.readTo < scope.before - 1).slice(0, maxListed);
    if (lagging.length === 0) return;
    const ranges = lagging.map(({ scope, index }) => ({
      conversationId: scope.id,
      after: index.readTo,
      // what is shown now is searched some turns later, and is read with what is searched now
      before: scope.nextSeq,
    }));
    const rows = await this.#options.recall.unpacked(workspaceId, ranges, maxUnpacked);
    const isCut = rows.length === maxUnpacked;
    let packed = 0;
    for (const { scope, index } of lagging) {
      const own = rows.filter(({ conversationId }) => conversationId === scope.id).toReversed();
      for (let at = 0; at < own.length; at += maxSegmentMessages) {
        if (packed >= maxSegmentMessages) {
          await setImmediate();
          packed = 0;
        }
        const part = own.slice(at, at + maxSegmentMessages);
        packed += part.length;
        index.add(part);
      }
      // the job packs what is before them; until then they are not to be read again and again
      if (own.length === maxUnpacked) index.skipTo(own.at(-1)?.seq ?? 0);
      if (!isCut) index.settle(scope.isSettled ? scope.nextSeq - 1 : Math.min(scope.packedSeq, scope.before - 1));
    }
  }

  #find(workspaceId: string, scope: RecallScope): ConversationIndex | null {
    if (scope.before - 1 - scope.packedSeq > turnSeats) {
      this.#options.onUnpacked({ workspaceId, conversationId: scope.id });
    }
    const index = this.#kept.get(keyOf(workspaceId, scope.id));
    if (!index || index.revision !== scope.revision) return null;
    if (this.#options.clock() - index.madeAt > maxAgeMs || scope.packedSeq - index.to > maxUnpacked) return null;
    // what was left out is packed by now
    if (index.readTo > index.to && scope.packedSeq > index.to) return null;
    return index;
  }
}

type Taken = { scope: RecallScope; index: ConversationIndex };

const keyOf = (workspaceId: string, conversationId: string): string => `${workspaceId} ${conversationId}`;

/** A database's driver may give a view of all that it received, which would be kept with it. */
const ownBytes = (bytes: Uint8Array): Uint8Array =>
  bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
