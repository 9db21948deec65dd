import type { Principal } from '../access/principal.ts';
import type { BotReader } from '../bot/bot-store.ts';
import { findBot } from '../bot/find-bot.ts';
import { findPassages, type FoundPassage } from './find-passages.ts';
import type { KnowledgeReader } from './knowledge-store.ts';
import type { VectorSearch } from './vector-search.ts';

export type SearchKnowledgeParts = {
  bots: Pick<BotReader, 'find'>;
  knowledge: KnowledgeReader;
  vectorSearch: VectorSearch | null;
};

/**
 * The passages of a bot's knowledge that fit a query, best first, whatever their score: for whoever wants to see what the
 * bot would find. Throws not_found.
 */
export const searchKnowledge = async (
  { bots, knowledge, vectorSearch }: SearchKnowledgeParts,
  { principal, botId, query, limit }: { principal: Principal; botId: string; query: string; limit: number },
): Promise<FoundPassage[]> => {
  const { workspaceId } = await findBot(bots, principal, botId);
  const size = await knowledge.size(workspaceId, botId);
  const request = { workspaceId, botId, size, query, topK: limit, minScore: 0 };
  const { passages } = await findPassages(knowledge, request, vectorSearch);
  return passages;
};
