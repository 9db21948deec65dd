import { erasureParams, erasureSchema } from '@parley/protocol/user-schemas';
import { findErasure } from '../../../core/user/find-erasure.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentErasure } from '../../present/user.ts';
import type { RouteParts } from '../../route-parts.ts';

export const getErasureRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/erasures/:erasure_id',
    operationId: 'getErasure',
    summary: 'Read the receipt of an erasure',
    tag: 'Users',
    access: { principals: ['key', 'session'], scope: 'users:read' },
    params: erasureParams,
    replies: { 200: erasureSchema },
    errors: ['not_found', 'insufficient_scope'],
    handler: async ({ principal, params }) => ({
      status: 200,
      body: presentErasure(await findErasure(readers.users, principal, params.erasure_id), null),
    }),
  });
