import { BoundedCache } from '../../kit/bounded-cache.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Bot } from '../bot/bot.ts';
import { findPassages } from '../knowledge/find-passages.ts';
import type { KnowledgeReader, KnowledgeSize } from '../knowledge/knowledge-store.ts';
import type { VectorSearch } from '../knowledge/vector-search.ts';
import { type AnswerParts, questionOf } from './answer-turn.ts';

/** Sizes kept at once, some 100 bytes each. */
const maxSizes = 10_000;
/** Longest time in which knowledge that another process added goes unnoticed. */
const freshMs = 5_000;

/** Finds the passages of a turn's question, and remembers which bots have none at all. */
export type TurnPassages = {
  find: AnswerParts['findPassages'];
  /** To be called when what a bot can find has changed; without an id: what any can. */
  forget: (botId?: string) => void;
};

export const createTurnPassages = (
  knowledge: KnowledgeReader,
  clock: Clock,
  vectorSearch: VectorSearch | null = null,
): TurnPassages => {
  const sizes = new BoundedCache<string, KnowledgeSize>({ maxEntries: maxSizes, ttlMs: freshMs, clock });
  let changes = 0;
  const sizeOf = async (bot: Bot): Promise<KnowledgeSize> => {
    const known = sizes.get(bot.id);
    if (known) return known;
    const before = changes;
    const size = await knowledge.size(bot.workspaceId, bot.id);
    // what was read before a change must not be remembered after it
    if (before === changes) sizes.set(bot.id, size);
    return size;
  };
  return {
    forget(botId) {
      changes += 1;
      if (botId === undefined) sizes.clear();
      else sizes.delete(botId);
    },
    find: async (bot, claimed) => {
      const size = await sizeOf(bot);
      if (size.chunks === 0) return { passages: [], leftOut: [], vectors: null };
      const { topK, minScore } = bot.config.knowledge;
      const query = questionOf(claimed);
      const request = { workspaceId: bot.workspaceId, botId: bot.id, size, query, topK, minScore };
      const { passages, tooLow, vectors } = await findPassages(knowledge, request, vectorSearch);
      return {
        passages: passages.map(({ chunk, source, score }, at) => ({
          index: at + 1,
          chunkId: chunk.id,
          sourceId: source.id,
          title: source.title,
          headings: chunk.headings,
          url: source.url,
          page: chunk.page,
          text: chunk.text,
          score,
          tokens: chunk.tokens,
        })),
        leftOut: tooLow.map((chunkId) => ({ kind: 'knowledge', chunkId, reason: 'score' })),
        vectors,
      };
    },
  };
};
