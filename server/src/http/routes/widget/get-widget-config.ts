import { widgetConfigSchema } from '@parley/protocol/widget-schemas';
import { findBot } from '../../../core/bot/find-bot.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentWidgetConfig } from '../../present/widget-config.ts';
import type { RouteParts } from '../../route-parts.ts';

export const getWidgetConfigRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/widget_config',
    operationId: 'getWidgetConfig',
    summary: 'Read what a chat page shows of its bot',
    description: 'For pages with a publishable key: the bot that the key is for, as everybody may see it.',
    tag: 'Chat',
    access: { principals: ['visitor'], scope: 'chat' },
    replies: { 200: widgetConfigSchema },
    errors: ['not_found'],
    handler: async ({ principal }) => {
      const [botId = ''] = principal.botIds;
      return { status: 200, body: presentWidgetConfig(await findBot(readers.bots, principal, botId)) };
    },
  });
