import { linkParams, userSchema } from '@parley/protocol/user-schemas';
import { unlinkUsers } from '../../../core/user/link-users.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentUser } from '../../present/user.ts';
import type { RouteParts } from '../../route-parts.ts';

export const unlinkUsersRoute = ({ clock }: Pick<RouteParts, 'clock'>): Route =>
  defineChange({
    method: 'DELETE',
    path: '/v1/users/:user_id/link/:other_user_id',
    operationId: 'unlinkUsers',
    summary: 'Take a link back',
    description:
      'Each of the two is again one person with those they are still linked to, and has the conversations that were begun under their ids. 404 where the two were never linked to each other.',
    tag: 'Users',
    access: { principals: ['key', 'session'], scope: 'users:write' },
    params: linkParams,
    replies: { 200: userSchema },
    errors: ['not_found', 'insufficient_scope'],
    handler: async (writers, { principal, params }) => {
      const request = { principal, userId: params.user_id, otherId: params.other_user_id };
      return { status: 200, body: presentUser(await unlinkUsers(writers, request, { clock })) };
    },
  });
