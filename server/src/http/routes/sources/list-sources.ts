import { botParams } from '@parley/protocol/bot-schemas';
import { listSourcesQuery, sourceListSchema } from '@parley/protocol/source-schemas';
import { embeddingProgress } from '../../../core/knowledge/embedding-progress.ts';
import { listSources } from '../../../core/knowledge/find-source.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentList, toPageRequest } from '../../present/list.ts';
import { presentSource } from '../../present/source.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listSourcesRoute = ({ readers, embeddingModel }: Pick<RouteParts, 'readers' | 'embeddingModel'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/bots/:bot_id/sources',
    operationId: 'listSources',
    summary: "List a bot's knowledge",
    description: 'Newest first.',
    tag: 'Knowledge',
    access: { principals: ['key', 'session'], scope: 'bots:read' },
    params: botParams,
    query: listSourcesQuery,
    replies: { 200: sourceListSchema },
    errors: ['not_found'],
    handler: async ({ principal, params, query }) => {
      const page = await listSources(readers, { principal, botId: params.bot_id }, toPageRequest(query));
      const progress = await embeddingProgress(readers.vectors, embeddingModel, page.items);
      return {
        status: 200,
        body: presentList(page, (source) => presentSource(source, progress.get(source.id) ?? null)),
      };
    },
  });
