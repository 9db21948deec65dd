import { updateUserSchema, userParams, userSchema } from '@parley/protocol/user-schemas';
import { updateUser } from '../../../core/user/update-user.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentUser } from '../../present/user.ts';
import type { RouteParts } from '../../route-parts.ts';

export const updateUserRoute = ({ clock }: Pick<RouteParts, 'clock'>): Route =>
  defineChange({
    method: 'PATCH',
    path: '/v1/users/:user_id',
    operationId: 'updateUser',
    summary: "Change a user's traits",
    description: 'Makes the user where there is none by this id.',
    tag: 'Users',
    access: { principals: ['key', 'session'], scope: 'users:write' },
    params: userParams,
    body: updateUserSchema,
    replies: { 200: userSchema },
    errors: ['invalid_request', 'not_found', 'insufficient_scope'],
    handler: async (writers, { principal, params, body }) => {
      const request = { principal, userId: params.user_id, traits: body.traits ?? {} };
      return { status: 200, body: presentUser(await updateUser(writers, request, { clock })) };
    },
  });
