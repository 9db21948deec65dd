import { keyListSchema, listKeysQuery } from '@parley/protocol/key-schemas';
import { listKeys } from '../../../core/access/find-key.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentKey } from '../../present/key.ts';
import { presentList, toPageRequest } from '../../present/list.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listKeysRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/keys',
    operationId: 'listKeys',
    summary: 'List keys',
    description: 'Newest first, without secrets and without revoked keys.',
    tag: 'Keys',
    access: { principals: ['key', 'session'], scope: 'keys:write' },
    query: listKeysQuery,
    replies: { 200: keyListSchema },
    errors: [],
    handler: async ({ principal, query }) => {
      const page = await listKeys(readers.keys, principal, toPageRequest(query));
      return { status: 200, body: presentList(page, presentKey) };
    },
  });
