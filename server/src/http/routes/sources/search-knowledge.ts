import { botParams } from '@parley/protocol/bot-schemas';
import { passageListSchema, searchSchema } from '@parley/protocol/source-schemas';
import { searchKnowledge } from '../../../core/knowledge/search-knowledge.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentPassages } from '../../present/source.ts';
import type { RouteParts } from '../../route-parts.ts';

export const searchKnowledgeRoute = ({ readers, vectorSearch }: Pick<RouteParts, 'readers' | 'vectorSearch'>): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/bots/:bot_id/search',
    operationId: 'searchKnowledge',
    summary: "Search a bot's knowledge",
    description: 'The passages that the bot would find, with their scores, also those below its `knowledge.min_score`.',
    tag: 'Knowledge',
    access: { principals: ['key', 'session'], scope: 'bots:read' },
    params: botParams,
    body: searchSchema,
    repeatable: true,
    replies: { 200: passageListSchema },
    errors: ['not_found'],
    handler: async ({ principal, params, body }) => {
      const request = { principal, botId: params.bot_id, query: body.query, limit: body.limit };
      return { status: 200, body: presentPassages(await searchKnowledge({ ...readers, vectorSearch }, request)) };
    },
  });
