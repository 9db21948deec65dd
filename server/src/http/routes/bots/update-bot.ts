import { botParams, botSchema, updateBotSchema } from '@parley/protocol/bot-schemas';
import { updateBot } from '../../../core/bot/update-bot.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { ifMatchHeader, readIfMatch } from '../../if-match.ts';
import { botETag, presentBot, toBotChange, toBotQuotas } from '../../present/bot.ts';
import type { RouteParts } from '../../route-parts.ts';

export const updateBotRoute = (parts: Pick<RouteParts, 'models' | 'forgetBot' | 'clock'>): Route =>
  defineChange({
    method: 'PATCH',
    path: '/v1/bots/:bot_id',
    operationId: 'updateBot',
    summary: 'Change a bot',
    description:
      'A change makes a new version; where nothing changes, or `quota` and `user_quota` alone, the version stays.',
    tag: 'Bots',
    access: { principals: ['key', 'session'], scope: 'bots:write' },
    params: botParams,
    body: updateBotSchema,
    headers: ifMatchHeader,
    replies: { 200: botSchema },
    sends: { etag: [200] },
    errors: ['not_found', 'version_mismatch'],
    handler: async (writers, { principal, params, body, header }) => {
      const bot = await updateBot(
        writers,
        {
          principal,
          botId: params.bot_id,
          change: toBotChange(body),
          quotas: toBotQuotas(body),
          expectedVersion: readIfMatch(header('if-match')),
        },
        { models: parts.models, clock: parts.clock, forget: parts.forgetBot },
      );
      return { status: 200, body: presentBot(bot), headers: { etag: botETag(bot) } };
    },
  });
