import { updateUserSchema, userParams, userWithFactsSchema } from '@parley/protocol/user-schemas';
import { updateUser } from '../../../core/user/update-user.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentUserWithFacts } from '../../present/user.ts';
import type { RouteParts } from '../../route-parts.ts';

export const updateUserRoute = ({ clock }: Pick<RouteParts, 'clock'>): Route =>
  defineChange({
    method: 'PATCH',
    path: '/v1/users/:user_id',
    operationId: 'updateUser',
    summary: "Change a user's traits and facts",
    description:
      'Makes the user where there is none by this id. A fact that you set wins over what the user says until you remove it; one that you remove does not come back from a message that was sent before.',
    tag: 'Users',
    access: { principals: ['key', 'session'], scope: 'users:write' },
    params: userParams,
    body: updateUserSchema,
    replies: { 200: userWithFactsSchema },
    errors: ['invalid_request', 'not_found', 'insufficient_scope'],
    handler: async (writers, { principal, params, body }) => {
      const request = { principal, userId: params.user_id, traits: body.traits ?? {}, facts: body.facts ?? {} };
      return { status: 200, body: presentUserWithFacts(await updateUser(writers, request, { clock })) };
    },
  });
