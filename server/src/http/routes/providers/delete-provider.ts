import { deletedSchema } from '@parley/protocol/common-schemas';
import { providerParams } from '@parley/protocol/provider-schemas';
import { removeProvider } from '../../../core/provider/remove-provider.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentDeleted } from '../../present/deleted.ts';
import type { RouteParts } from '../../route-parts.ts';

export const deleteProviderRoute = ({ clock, forgetProvider }: Pick<RouteParts, 'clock' | 'forgetProvider'>): Route =>
  defineChange({
    method: 'DELETE',
    path: '/v1/providers/:provider_id',
    operationId: 'deleteProvider',
    summary: 'Delete a model provider',
    description: 'Its key goes with it. Bots that name it go on with their other models.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    params: providerParams,
    replies: { 200: deletedSchema },
    errors: ['not_found'],
    handler: async (writers, { principal, params }) => {
      const request = { principal, providerId: params.provider_id };
      await removeProvider(writers, request, { clock, forget: forgetProvider });
      return { status: 200, body: presentDeleted('provider', params.provider_id) };
    },
  });
