import { botVersionParams, botVersionSchema } from '@parley/protocol/bot-schemas';
import { findBotVersion } from '../../../core/bot/find-bot-version.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentBotVersion } from '../../present/bot.ts';
import type { RouteParts } from '../../route-parts.ts';

export const getBotVersionRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/bots/:bot_id/versions/:version',
    operationId: 'getBotVersion',
    summary: 'Read a version of a bot',
    description: 'What the bot was for the turns that name this version in `bot_version`.',
    tag: 'Bots',
    access: { principals: ['key', 'session'], scope: 'bots:read' },
    params: botVersionParams,
    replies: { 200: botVersionSchema },
    errors: ['not_found'],
    handler: async ({ principal, params }) => {
      const place = { botId: params.bot_id, version: Number(params.version) };
      return { status: 200, body: presentBotVersion(await findBotVersion(readers.bots, principal, place)) };
    },
  });
