import { botSchema, botVersionParams } from '@parley/protocol/bot-schemas';
import { restoreBotVersion } from '../../../core/bot/restore-bot-version.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { ifMatchHeader, readIfMatch } from '../../if-match.ts';
import { botETag, presentBot } from '../../present/bot.ts';
import type { RouteParts } from '../../route-parts.ts';

export const restoreBotVersionRoute = (parts: Pick<RouteParts, 'models' | 'forgetBot' | 'clock'>): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/bots/:bot_id/versions/:version/restore',
    operationId: 'restoreBotVersion',
    summary: 'Go back to a version of a bot',
    description:
      'Makes a new version with the configuration of that one; where the bot has it already, the version stays. `quota` and `user_quota`, the knowledge and the conversations stay as they are. A version with a model whose provider is gone is refused as a change to it would be: 400 `invalid_request`.',
    tag: 'Bots',
    access: { principals: ['key', 'session'], scope: 'bots:write' },
    params: botVersionParams,
    headers: ifMatchHeader,
    replies: { 200: botSchema },
    errors: ['not_found', 'version_mismatch'],
    handler: async (writers, { principal, params, header }) => {
      const bot = await restoreBotVersion(
        writers,
        {
          principal,
          botId: params.bot_id,
          version: Number(params.version),
          expectedVersion: readIfMatch(header('if-match')),
        },
        { models: parts.models, clock: parts.clock, forget: parts.forgetBot },
      );
      return { status: 200, body: presentBot(bot), headers: { etag: botETag(bot) } };
    },
  });
