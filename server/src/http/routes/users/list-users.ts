import { listOf } from '@parley/protocol/common-schemas';
import { listUsersQuery, userSchema } from '@parley/protocol/user-schemas';
import { listUsers } from '../../../core/user/list-users.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentList, toPageRequest } from '../../present/list.ts';
import { presentUser } from '../../present/user.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listUsersRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/users',
    operationId: 'listUsers',
    summary: 'List users',
    description:
      'Newest first. A cursor is a `user_id`. Where that user was erased meanwhile nobody can say where they stood: 400 `invalid_request`, and the list is to be begun anew without a cursor.',
    tag: 'Users',
    access: { principals: ['key', 'session'], scope: 'users:read' },
    query: listUsersQuery,
    replies: { 200: listOf(userSchema) },
    errors: ['invalid_request', 'insufficient_scope', 'overloaded'],
    handler: async ({ principal, query }) => {
      const page = await listUsers(readers.users, { principal, prefix: query.q ?? null }, toPageRequest(query));
      return { status: 200, body: presentList(page, presentUser) };
    },
  });
