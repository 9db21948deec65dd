import { listSourcePagesQuery, sourcePageListSchema, sourceParams } from '@parley/protocol/source-schemas';
import { listSourcePages } from '../../../core/knowledge/find-source.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentList, toPageRequest } from '../../present/list.ts';
import { presentSourcePage } from '../../present/source.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listSourcePagesRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/bots/:bot_id/sources/:source_id/pages',
    operationId: 'listSourcePages',
    summary: 'List the pages of a source',
    description: 'What became of each, those found last first. A text, an FAQ or a file is one page.',
    tag: 'Knowledge',
    access: { principals: ['key', 'session'], scope: 'bots:read' },
    params: sourceParams,
    query: listSourcePagesQuery,
    replies: { 200: sourcePageListSchema },
    errors: ['not_found'],
    handler: async ({ principal, params, query }) => {
      const request = { principal, botId: params.bot_id, sourceId: params.source_id };
      const page = { ...toPageRequest(query), status: query.status ?? null };
      return { status: 200, body: presentList(await listSourcePages(readers, request, page), presentSourcePage) };
    },
  });
