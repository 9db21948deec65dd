import { estimateTokens } from '../../kit/token-estimate.ts';
import { joinEarlier, messagesLeanedOn } from '../knowledge/follow-up.ts';
import { findPassages } from '../knowledge/find-passages.ts';
import { passageHeading } from '../knowledge/passage-heading.ts';
import type { VectorSearch } from '../knowledge/vector-search.ts';
import type { RememberedKnowledge } from '../knowledge/remember-knowledge.ts';
import { type AnswerParts, questionOf } from './answer-turn.ts';

/** Finds the passages of a turn's question. */
export type TurnPassages = {
  find: AnswerParts['findPassages'];
  /** To be called when what a bot can find has changed; without an id: what any can. */
  forget: (botId?: string) => void;
};

export const createTurnPassages = (
  knowledge: RememberedKnowledge,
  vectorSearch: VectorSearch | null = null,
): TurnPassages => {
  return {
    forget: knowledge.forget,
    find: async (bot, claimed) => {
      const size = await knowledge.size(bot.workspaceId, bot.id);
      if (size.chunks === 0) return { passages: [], leftOut: [], searchedWith: [], vectors: null };
      const { topK, minScore } = bot.config.knowledge;
      const query = questionOf(claimed);
      const leanedOn = messagesLeanedOn(query, claimed.history);
      const request = {
        workspaceId: bot.workspaceId,
        botId: bot.id,
        size,
        query,
        ...(leanedOn.length === 0 ? {} : { earlier: joinEarlier(leanedOn.map(({ text }) => text)) }),
        topK,
        minScore,
      };
      const { passages, tooLow, copies, vectors } = await findPassages(knowledge, request, vectorSearch);
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
          tokens: chunk.tokens + estimateTokens(passageHeading(source.title, chunk.headings)),
        })),
        searchedWith: leanedOn.map(({ seq }) => seq),
        leftOut: [
          ...copies.map((chunkId) => ({ kind: 'knowledge' as const, chunkId, reason: 'duplicate' as const })),
          ...tooLow.map((chunkId) => ({ kind: 'knowledge' as const, chunkId, reason: 'score' as const })),
        ],
        vectors,
      };
    },
  };
};
