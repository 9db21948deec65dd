import { usageSchema } from '@parley/protocol/usage-schemas';
import { getUsage } from '../../../core/usage/get-usage.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentUsage } from '../../present/usage.ts';
import type { RouteParts } from '../../route-parts.ts';

export const getUsageRoute = ({ readers, clock, plans }: Pick<RouteParts, 'readers' | 'clock' | 'plans'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/usage',
    operationId: 'getUsage',
    summary: 'Usage of the current period',
    description:
      'The quota is that of the workspace, with the nodes below it that have limits of their own. Tokens and the figures by channel and bot are those of the bots that the key may use. A test key reads the figures of test mode, which charges nothing.',
    tag: 'Usage',
    access: { principals: ['key', 'session'], scope: 'usage:read' },
    replies: { 200: usageSchema },
    errors: [],
    handler: async ({ principal, plan }) => {
      const usage = await getUsage(readers, { principal, plan }, { clock, plans });
      return { status: 200, body: presentUsage(usage) };
    },
  });
