import { listPlansQuery, planListSchema } from '@parley/protocol/workspace-schemas';
import { pageInOrder } from '../../../core/page.ts';
import type { Plan } from '../../../core/usage/plan.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentList, toPageRequest } from '../../present/list.ts';
import { presentListedPlan } from '../../present/workspace.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listPlansRoute = ({ plans }: Pick<RouteParts, 'plans'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/plans',
    operationId: 'listPlans',
    summary: 'List the plans',
    description:
      'Those of the plans file, in its order, or without one those that Parley brings along. A cursor is the name of a plan.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    query: listPlansQuery,
    replies: { 200: planListSchema },
    errors: ['invalid_request'],
    handler: async ({ query }) => {
      const page = pageInOrder([...plans.plans.values()], toPageRequest(query), {
        idOf: ({ name }) => name,
        noun: 'plan',
      });
      const present = (plan: Plan) => presentListedPlan(plan, { isDefault: plan === plans.defaultPlan });
      return { status: 200, body: presentList(page, present) };
    },
  });
