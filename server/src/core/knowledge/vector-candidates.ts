import type { ScanResult } from '../../kit/vectors/vector-index.ts';

/**
 * - `loading`: they are being brought into memory; `search` finds nothing yet.
 * - `too_large`: they do not fit there.
 */
export type VectorState = 'none' | 'loading' | 'ready' | 'too_large';

/** Where the vectors of bots are searched. */
export interface VectorCandidates {
  /** Whether a bot has vectors that can be searched now. */
  state(workspaceId: string, botId: string): Promise<VectorState>;
  /** Settles once what is being loaded of a bot is there; at once where nothing is. */
  loaded(botId: string): Promise<void>;
  /** The best `limit`. Null where nothing is there, or the vectors are of another length. Throws where nobody can be asked. */
  search(bot: BotPlace, query: Float32Array, limit: number): Promise<ScanResult | null>;
}

export type BotPlace = { workspaceId: string; botId: string };
