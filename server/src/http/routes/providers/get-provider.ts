import { providerParams, providerSchema } from '@parley/protocol/provider-schemas';
import { findProvider } from '../../../core/provider/find-provider.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentProvider } from '../../present/provider.ts';
import type { RouteParts } from '../../route-parts.ts';

export const getProviderRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/providers/:provider_id',
    operationId: 'getProvider',
    summary: 'Read a model provider',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    params: providerParams,
    replies: { 200: providerSchema },
    errors: ['not_found'],
    handler: async ({ principal, params }) => ({
      status: 200,
      body: presentProvider(await findProvider(readers.providers, principal, params.provider_id)),
    }),
  });
