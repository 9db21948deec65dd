import { providerParams, providerTestSchema } from '@parley/protocol/provider-schemas';
import { accessOf } from '../../../core/provider/update-provider.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import type { RouteParts } from '../../route-parts.ts';

export const testProviderRoute = ({ readers, checkProvider }: Pick<RouteParts, 'readers' | 'checkProvider'>): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/providers/:provider_id/test',
    operationId: 'testProvider',
    summary: 'Ask a model provider whether it answers',
    description: 'It is asked for its models, which costs nothing.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    params: providerParams,
    repeatable: true,
    replies: { 200: providerTestSchema },
    errors: ['not_found'],
    handler: async ({ principal, params }) => {
      const { provider_id: providerId } = params;
      const trouble = await checkProvider(await accessOf(readers, { principal, providerId }));
      const body = { object: 'provider_test' as const, provider_id: providerId, ok: trouble === null, detail: trouble };
      return { status: 200, body };
    },
  });
