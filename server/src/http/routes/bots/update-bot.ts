import { botParams, botSchema, updateBotSchema } from '@parley/protocol/bot-schemas';
import { updateBot } from '../../../core/bot/update-bot.ts';
import { ParleyError } from '../../../core/error.ts';
import { defineChange, type Route } from '../../define-route.ts';
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
    headers: { 'If-Match': 'The version that the change is meant for, like `"3"`; refused where another is current.' },
    replies: { 200: botSchema },
    errors: ['not_found', 'version_mismatch'],
    handler: async (writers, { principal, params, body, header }) => {
      const bot = await updateBot(
        writers,
        {
          principal,
          botId: params.bot_id,
          change: toBotChange(body),
          quotas: toBotQuotas(body),
          expectedVersion: readVersion(header('if-match')),
        },
        { models: parts.models, clock: parts.clock, forget: parts.forgetBot },
      );
      return { status: 200, body: presentBot(bot), headers: { etag: botETag(bot) } };
    },
  });

/** `"3"`, or 3 as people write it; `*` means any version (RFC 9110, 13.1.1). */
const readVersion = (header: string | undefined): number | null => {
  if (header === undefined || header === '*') return null;
  const version = /^(?:"(\d{1,15})"|(\d{1,15}))$/.exec(header);
  if (version) return Number(version[1] ?? version[2]);
  throw new ParleyError('invalid_request', '`If-Match` must be a version in quotes, like `"3"`.', {
    param: 'If-Match',
  });
};
