import { userParams, userWithCountsSchema } from '@parley/protocol/user-schemas';
import { getUser } from '../../../core/user/get-user.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentUserWithCounts } from '../../present/user.ts';
import type { RouteParts } from '../../route-parts.ts';

export const getUserRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/users/:user_id',
    operationId: 'getUser',
    summary: 'Read a user',
    description:
      'A `user_id` in a path is percent-encoded: `a/b` is `a%2Fb`. A user is known from their first conversation on, or from their first traits.',
    tag: 'Users',
    access: { principals: ['key', 'session'], scope: 'users:read' },
    params: userParams,
    replies: { 200: userWithCountsSchema },
    errors: ['not_found', 'insufficient_scope', 'overloaded'],
    handler: async ({ principal, params }) => ({
      status: 200,
      body: presentUserWithCounts(await getUser(readers, principal, params.user_id)),
    }),
  });
