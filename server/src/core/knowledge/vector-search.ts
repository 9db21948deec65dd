import { setTimeout } from 'node:timers/promises';
import type { ScanResult } from '../../kit/vectors/vector-index.ts';
import { dotProduct, unpackFloats } from '../../kit/vectors/quantise.ts';
import type { EmbedQuestion } from './embed-question.ts';
import type { ChunkPlace } from './knowledge-store.ts';
import type { BotPlace, VectorCandidates } from './vector-candidates.ts';
import type { VectorReader } from './vector-store.ts';

/**
 * What came of the search by meaning, as a receipt tells it:
 * - `used`: its finds are among the passages;
 * - `late`: it was not done within its time limit, `failed`: the embedding model gave an error, or is not asked for now
 *   since it keeps failing;
 * - `loading`: the vectors are being brought into memory, `too_large`: they do not fit there.
 */
export type VectorOutcome = 'used' | 'late' | 'failed' | 'loading' | 'too_large';

export type VectorFinding =
  | { outcome: 'used'; vector: Float32Array; scan: ScanResult }
  | { outcome: Exclude<VectorOutcome, 'used'> }
  /** The bot has no vectors. */
  | { outcome: 'none' };

/** Searches a bot's knowledge by meaning, beside its words. */
export interface VectorSearch {
  /** Never throws, and never takes longer than its limit. */
  find(workspaceId: string, botId: string, query: string): Promise<VectorFinding>;
  /** Exact cosines of what can be found at these places, by `placeKey`; absent where there is no vector. */
  cosines(
    bot: { workspaceId: string; botId: string },
    vector: Float32Array,
    places: readonly ChunkPlace[],
  ): Promise<Map<string, number>>;
}

export const placeKey = ({ sourceId, position }: ChunkPlace): string => `${sourceId}:${position}`;

export type VectorSearchParts = {
  bots: VectorCandidates;
  reader: Pick<VectorReader, 'exact'>;
  embedQuestion: EmbedQuestion;
  model: string;
  /** For all that comes before the exact comparison, the look whether there are vectors included. */
  timeoutMs: number;
  onError: (error: unknown) => void;
};

/** Hits of the search that are compared exactly: bytes put the best a few places off, never so many. */
const maxHits = 40;

export const createVectorSearch = (parts: VectorSearchParts): VectorSearch => ({
  async find(workspaceId, botId, query) {
    try {
      const timer = new AbortController();
      const late = setTimeout<VectorFinding>(parts.timeoutMs, { outcome: 'late' }, { signal: timer.signal });
      const found = search(parts, { workspaceId, botId }, query);
      try {
        return await Promise.race([found, late]);
      } finally {
        timer.abort();
        // whichever came second is of no interest any more
        late.catch(() => {});
        found.catch(() => {});
      }
    } catch (error) {
      parts.onError(error);
      return { outcome: 'failed' };
    }
  },

  async cosines({ workspaceId, botId }, vector, places) {
    const rows = await parts.reader.exact({ workspaceId, botId, model: parts.model }, places);
    const known = rows.map((row) => ({ ...row, exact: unpackFloats(row.vector) }));
    return new Map(
      known
        .filter(({ exact }) => exact.length === vector.length)
        .map((row) => [placeKey(row), dotProduct(row.exact, vector)]),
    );
  },
});

const search = async (parts: VectorSearchParts, bot: BotPlace, query: string): Promise<VectorFinding> => {
  const state = await parts.bots.state(bot.workspaceId, bot.botId);
  // a bot without vectors costs no request to the model
  if (state === 'none' || state === 'too_large') return { outcome: state };
  const [embedded] = await Promise.all([parts.embedQuestion(query), parts.bots.loaded(bot.botId)]);
  if ('failure' in embedded) return { outcome: embedded.failure === 'timeout' ? 'late' : 'failed' };
  const scan = await parts.bots.search(bot, embedded.vector, maxHits);
  return scan === null ? { outcome: 'loading' } : { outcome: 'used', vector: embedded.vector, scan };
};
