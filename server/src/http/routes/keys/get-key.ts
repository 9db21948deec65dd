import { keyParams, keyDetailSchema } from '@parley/protocol/key-schemas';
import { findKey } from '../../../core/access/find-key.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentKeyDetail } from '../../present/key.ts';
import type { RouteParts } from '../../route-parts.ts';

export const getKeyRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/keys/:key_id',
    operationId: 'getKey',
    summary: 'Read a key',
    description: 'With its secret where it is publishable, since that is no secret.',
    tag: 'Keys',
    access: { principals: ['key', 'session'], scope: 'keys:write' },
    params: keyParams,
    replies: { 200: keyDetailSchema },
    errors: ['not_found'],
    handler: async ({ principal, params }) => ({
      status: 200,
      body: presentKeyDetail(await findKey(readers.keys, principal, params.key_id)),
    }),
  });
