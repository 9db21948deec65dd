import { botParams, botSchema } from '@parley/protocol/bot-schemas';
import { findBot } from '../../../core/bot/find-bot.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { botETag, presentBot } from '../../present/bot.ts';
import type { RouteParts } from '../../route-parts.ts';

export const getBotRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/bots/:bot_id',
    operationId: 'getBot',
    summary: 'Read a bot',
    tag: 'Bots',
    access: { principals: ['key', 'session'], scope: 'bots:read' },
    params: botParams,
    replies: { 200: botSchema },
    sends: { etag: [200] },
    errors: ['not_found'],
    handler: async ({ principal, params }) => {
      const bot = await findBot(readers.bots, principal, params.bot_id);
      return { status: 200, body: presentBot(bot), headers: { etag: botETag(bot) } };
    },
  });
