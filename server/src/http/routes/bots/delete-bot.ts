import { botParams, deleteBotQuery } from '@parley/protocol/bot-schemas';
import { deletedSchema } from '@parley/protocol/common-schemas';
import { deleteBot } from '../../../core/bot/delete-bot.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentDeleted } from '../../present/deleted.ts';
import type { RouteParts } from '../../route-parts.ts';

export const deleteBotRoute = ({ clock, forgetBot }: Pick<RouteParts, 'clock' | 'forgetBot'>): Route =>
  defineChange({
    method: 'DELETE',
    path: '/v1/bots/:bot_id',
    operationId: 'deleteBot',
    summary: 'Delete a bot',
    description:
      'Its conversations and its knowledge go with it. A turn that runs is charged where text of its reply was stored. A test key deletes no bot that has live conversations: 403 `insufficient_scope`.',
    tag: 'Bots',
    access: { principals: ['key', 'session'], scope: 'bots:write' },
    params: botParams,
    query: deleteBotQuery,
    replies: { 200: deletedSchema },
    errors: ['not_found', 'confirmation_required'],
    handler: async (writers, { principal, params, query }) => {
      const request = { principal, botId: params.bot_id, confirm: query.confirm ?? null };
      await deleteBot(writers, request, { clock, forget: forgetBot });
      return { status: 200, body: presentDeleted('bot', params.bot_id) };
    },
  });
