import { linkUserSchema, userParams, userSchema } from '@parley/protocol/user-schemas';
import { linkUsers } from '../../../core/user/link-users.ts';
import { userSubject } from '../../../core/user/user-subject.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentUser } from '../../present/user.ts';
import type { RouteParts } from '../../route-parts.ts';

export const linkUsersRoute = ({ clock }: Pick<RouteParts, 'clock'>): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/users/:user_id/link',
    operationId: 'linkUsers',
    summary: 'Make one person of two users',
    description:
      'From then on a message under either id goes on with the same conversation, and a list by either id shows the conversations of both. Links go on through others: up to 50 user ids are one person. Each conversation keeps the `user_id` it was begun with, so that the link can be taken back.',
    tag: 'Users',
    access: { principals: ['key', 'session'], scope: 'users:write' },
    params: userParams,
    body: linkUserSchema,
    replies: { 200: userSchema },
    errors: ['invalid_request', 'not_found', 'insufficient_scope'],
    // the answer names both, and may be kept when one of them is erased
    secret: true,
    handler: async (writers, { principal, params, body }) => {
      const request = { principal, userId: params.user_id, otherId: body.user_id };
      return {
        status: 200,
        body: presentUser(await linkUsers(writers, request, { clock })),
        keptFor: userSubject(principal.mode, params.user_id),
      };
    },
  });
