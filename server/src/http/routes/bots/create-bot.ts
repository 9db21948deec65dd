import { botSchema, createBotSchema } from '@parley/protocol/bot-schemas';
import { createBot } from '../../../core/bot/create-bot.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { botETag, presentBot, toBotChange, toBotQuotas } from '../../present/bot.ts';
import type { RouteParts } from '../../route-parts.ts';

export const createBotRoute = (parts: Pick<RouteParts, 'models' | 'defaultModel' | 'clock'>): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/bots',
    operationId: 'createBot',
    summary: 'Make a bot',
    tag: 'Bots',
    access: { principals: ['key', 'session'], scope: 'bots:write' },
    body: createBotSchema,
    replies: { 201: botSchema },
    sends: { etag: [201] },
    errors: ['plan_limit_reached'],
    handler: async (writers, { principal, plan, body }) => {
      const config = { ...toBotChange(body), name: body.name };
      const bot = await createBot(writers, { principal, plan, config, quotas: toBotQuotas(body) }, parts);
      return { status: 201, body: presentBot(bot), headers: { etag: botETag(bot) } };
    },
  });
