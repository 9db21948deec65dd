import { BestFew } from './best-few.ts';
import { createScanKernel, createScanMemory, rowAlignmentBytes, type ScanKernel } from './scan-kernel.ts';
import type { QuantisedVector } from './quantise.ts';

/** What one search has found. */
export type ScanResult = {
  /** Best first: labels as they were given, and the cosine as the bytes tell it. */
  hits: { group: string; position: number; cosine: number }[];
  /** Over all vectors of the collection. */
  count: number;
  mean: number;
  deviation: number;
};

export type VectorRow = { position: number; vector: QuantisedVector };

/** One page of WebAssembly's memory, the unit in which a collection grows. */
export const blockBytes = 65_536;

const largestSum = 2 ** 31 - 1;
const largestCode = 127;
const largestFactor = 32_767;

/** Bytes of a row: whole steps of the kernel. */
const rowBytesOf = (dimensions: number): number => Math.ceil(dimensions / rowAlignmentBytes) * rowAlignmentBytes;

/** What a collection of so many vectors takes, in blocks. */
export const blocksOf = (count: number, dimensions: number): number =>
  Math.ceil(count / Math.floor(blockBytes / rowBytesOf(dimensions)));

type Slot = { group: string; position: number; scale: number };

type Collection = { dimensions: number; rowBytes: number; blocks: number[]; slots: Slot[] };

/**
 * Vectors in memory, by collection (of one length each) and group, and the scan over a collection. All of it is one
 * WebAssembly memory, cut into blocks that collections take and give back.
 */
export class VectorIndex {
  readonly #memory = createScanMemory(scratchBlocks);
  readonly #scan: ScanKernel = createScanKernel(this.#memory);
  readonly #collections = new Map<string, Collection>();
  readonly #free: number[] = [];
  readonly #maxBlocks: number;
  #blocks = 0;

  /** `maxBytes`: what all collections together may take. */
  constructor(maxBytes: number) {
    this.#maxBlocks = Math.floor(maxBytes / blockBytes);
  }

  get usedBytes(): number {
    return (this.#blocks - this.#free.length) * blockBytes;
  }

  /** Adds to a group. False, with nothing added, where the memory is full or the length is another. */
  add(name: string, group: string, rows: readonly VectorRow[]): boolean {
    const dimensions = rows[0]?.vector.code.length;
    if (dimensions === undefined) return true;
    const collection = this.#collections.get(name) ?? {
      dimensions,
      rowBytes: rowBytesOf(dimensions),
      blocks: [],
      slots: [],
    };
    if (rows.some(({ vector }) => vector.code.length !== collection.dimensions)) return false;
    const wanted = blocksOf(collection.slots.length + rows.length, dimensions) - collection.blocks.length;
    if (!this.#take(collection, wanted)) return false;
    this.#collections.set(name, collection);
    for (const { position, vector } of rows) {
      const at = collection.slots.push({ group, position, scale: vector.scale }) - 1;
      const row = this.#row(collection, at);
      row.fill(0);
      row.set(vector.code);
    }
    return true;
  }

  /** Removes a group; the last rows move to where it was. */
  removeGroup(name: string, group: string): void {
    const collection = this.#collections.get(name);
    if (!collection) return;
    const { slots } = collection;
    for (let at = slots.length - 1; at >= 0; at -= 1) {
      if (slots[at]?.group !== group) continue;
      const last = slots.pop()!;
      if (at === slots.length) continue;
      slots[at] = last;
      this.#row(collection, at).set(this.#row(collection, slots.length));
    }
    while (collection.blocks.length > blocksOf(slots.length, collection.dimensions)) {
      this.#free.push(collection.blocks.pop()!);
    }
    if (slots.length === 0) this.#collections.delete(name);
  }

  /** Removes a collection; without a name, all of them. */
  remove(name?: string): void {
    for (const [known, { blocks }] of this.#collections) {
      if (name !== undefined && known !== name) continue;
      this.#free.push(...blocks);
      this.#collections.delete(known);
    }
  }

  /** The `limit` vectors of a collection that are most like `query`. Null where it is of another length, or nothing is there. */
  search(name: string, query: Float32Array, limit: number): ScanResult | null {
    const collection = this.#collections.get(name);
    if (!collection || collection.dimensions !== query.length) return null;
    const factorScale = this.#writeQuery(query);
    const best = new BestFew(limit);
    let sum = 0;
    let squares = 0;
    for (let at = 0; at < collection.slots.length;) {
      const products = this.#scanBlock(collection, at);
      for (const product of products) {
        const cosine = product * factorScale * collection.slots[at]!.scale;
        sum += cosine;
        squares += cosine * cosine;
        best.offer(at, cosine);
        at += 1;
      }
    }
    const count = collection.slots.length;
    const mean = sum / count;
    return {
      hits: best.sorted().map(({ at, score }) => {
        const { group, position } = collection.slots[at]!;
        return { group, position, cosine: score };
      }),
      count,
      mean,
      deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)),
    };
  }

  /** As 16-bit numbers behind the products, small enough that no sum can overflow; gives what one of them stands for. */
  #writeQuery(query: Float32Array): number {
    let largest = 0;
    for (const value of query) largest = Math.max(largest, Math.abs(value));
    const range = Math.min(largestFactor, Math.floor(largestSum / (largestCode * query.length)));
    const scale = largest === 0 ? 1 : largest / range;
    const factors = new Int16Array(this.#memory.buffer, queryAt, rowBytesOf(query.length));
    factors.fill(0);
    for (const [at, value] of query.entries()) factors[at] = Math.round(value / scale);
    return scale;
  }

  #scanBlock({ blocks, slots, rowBytes }: Collection, from: number): Int32Array {
    const rowsPerBlock = Math.floor(blockBytes / rowBytes);
    const rows = Math.min(rowsPerBlock, slots.length - from);
    this.#scan({ rowsAt: blocks[from / rowsPerBlock]! * blockBytes, rows, rowBytes, queryAt, productsAt });
    return new Int32Array(this.#memory.buffer, productsAt, rows);
  }

  #row({ blocks, rowBytes }: Collection, at: number): Int8Array {
    const rowsPerBlock = Math.floor(blockBytes / rowBytes);
    const block = blocks[Math.floor(at / rowsPerBlock)]!;
    return new Int8Array(this.#memory.buffer, block * blockBytes + (at % rowsPerBlock) * rowBytes, rowBytes);
  }

  #take(collection: Collection, count: number): boolean {
    const missing = count - this.#free.length;
    if (missing > 0) {
      if (this.#blocks + missing > this.#maxBlocks) return false;
      const first = this.#memory.grow(missing);
      for (let at = 0; at < missing; at += 1) this.#free.push(first + at);
      this.#blocks += missing;
    }
    for (let at = 0; at < count; at += 1) collection.blocks.push(this.#free.pop()!);
    return true;
  }
}

/** The first blocks hold the products of one block (at most 4,096 rows of 4 bytes) and the question. */
const scratchBlocks = 2;
const productsAt = 0;
const queryAt = blockBytes;
