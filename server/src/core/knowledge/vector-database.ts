import type { ScanResult } from '../../kit/vectors/vector-index.ts';
import type { VectorScope } from './vector-store.ts';

/**
 * How a database searches a bot's vectors: `exact` compares each of them, which is right for a few thousand; `index` follows
 * an index of neighbours, which misses some of the nearest, and costs the same for a million.
 */
export type VectorWay = 'exact' | 'index';

/** A database that searches vectors by itself, so that no process need hold them. */
export interface VectorDatabase {
  /** How a bot's vectors can be searched here now; null where they are to be searched in memory. */
  wayFor(scope: VectorScope): Promise<VectorWay | null>;
  /** Whether there is something to be done before the bot's vectors can be searched here. */
  isBehind(scope: VectorScope): Promise<boolean>;
  /** The `limit` passages that can be found and are nearest to `query`, of length one. Null where there is none of its length. */
  nearest(scope: VectorScope, query: Float32Array, how: { way: VectorWay; limit: number }): Promise<ScanResult | null>;
  /**
   * Sets the search up, takes in what is stored and not searched here yet, and builds the indexes that large bots want, which
   * may take minutes each. Does nothing where the database has no search for vectors, or this process may not set it up. Stops
   * at the signal.
   */
  keepUp(model: string, signal: AbortSignal): Promise<void>;
}
