import { botParams, botVersionListSchema, listBotVersionsQuery } from '@parley/protocol/bot-schemas';
import { listBotVersions } from '../../../core/bot/find-bot-version.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentBotVersion } from '../../present/bot.ts';
import { presentList, toPageRequest } from '../../present/list.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listBotVersionsRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/bots/:bot_id/versions',
    operationId: 'listBotVersions',
    summary: 'List the versions of a bot',
    description: 'Newest first, the current one among them. They are kept as long as the bot is.',
    tag: 'Bots',
    access: { principals: ['key', 'session'], scope: 'bots:read' },
    params: botParams,
    query: listBotVersionsQuery,
    replies: { 200: botVersionListSchema },
    errors: ['not_found'],
    handler: async ({ principal, params, query }) => {
      const { limit, after, before } = toPageRequest(query);
      const page = { limit, after: numberOf(after), before: numberOf(before) };
      const versions = await listBotVersions(readers.bots, principal, { botId: params.bot_id, page });
      return { status: 200, body: presentList(versions, presentBotVersion) };
    },
  });

const numberOf = (cursor: string | null): number | null => (cursor === null ? null : Number(cursor));
