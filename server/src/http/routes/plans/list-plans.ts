import { planListSchema } from '@parley/protocol/workspace-schemas';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentPlans } from '../../present/workspace.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listPlansRoute = ({ plans }: Pick<RouteParts, 'plans'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/plans',
    operationId: 'listPlans',
    summary: 'List the plans',
    description: 'Those of the plans file, in its order, or without one those that Parley brings along.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    replies: { 200: planListSchema },
    errors: [],
    handler: async () => ({ status: 200, body: presentPlans(plans) }),
  });
