import { botListSchema, listBotsQuery } from '@parley/protocol/bot-schemas';
import { listBots } from '../../../core/bot/find-bot.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentBot } from '../../present/bot.ts';
import { presentList, toPageRequest } from '../../present/list.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listBotsRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/bots',
    operationId: 'listBots',
    summary: 'List bots',
    description: 'Newest first.',
    tag: 'Bots',
    access: { principals: ['key', 'session'], scope: 'bots:read' },
    query: listBotsQuery,
    replies: { 200: botListSchema },
    errors: [],
    handler: async ({ principal, query }) => {
      const page = await listBots(readers.bots, principal, toPageRequest(query));
      return { status: 200, body: presentList(page, presentBot) };
    },
  });
