import { listProvidersQuery, providerListSchema } from '@parley/protocol/provider-schemas';
import { listProviders } from '../../../core/provider/find-provider.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentList, toPageRequest } from '../../present/list.ts';
import { presentProvider } from '../../present/provider.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listProvidersRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/providers',
    operationId: 'listProviders',
    summary: 'List the workspace’s model providers',
    description: 'Newest first. The operator’s providers are not among them.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    query: listProvidersQuery,
    replies: { 200: providerListSchema },
    errors: [],
    handler: async ({ principal, query }) => {
      const page = await listProviders(readers.providers, principal, toPageRequest(query));
      return { status: 200, body: presentList(page, presentProvider) };
    },
  });
