import { dailyUsageQuery, dailyUsageSchema } from '@parley/protocol/usage-schemas';
import { getDailyUsage } from '../../../core/usage/get-daily-usage.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentDailyUsage } from '../../present/usage.ts';
import type { RouteParts } from '../../route-parts.ts';

export const getDailyUsageRoute = ({ readers, clock }: Pick<RouteParts, 'readers' | 'clock'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/usage/daily',
    operationId: 'getDailyUsage',
    summary: 'Usage by day, bot and channel',
    description:
      'Oldest day first, at most a year. It goes by days and has no pages: `from` and `to` say how much of it is answered. A turn counts on the day (UTC) on which its message was accepted.',
    tag: 'Usage',
    access: { principals: ['key', 'session'], scope: 'usage:read' },
    query: dailyUsageQuery,
    replies: { 200: dailyUsageSchema },
    errors: ['invalid_request', 'not_found', 'overloaded'],
    handler: async ({ principal, query }) => {
      const days = await getDailyUsage(
        readers.usage,
        { principal, from: query.from ?? null, to: query.to ?? null, botId: query.bot_id ?? null },
        { clock },
      );
      return { status: 200, body: presentDailyUsage(days) };
    },
  });
