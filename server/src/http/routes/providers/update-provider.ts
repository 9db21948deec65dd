import { providerParams, providerSchema, updateProviderSchema } from '@parley/protocol/provider-schemas';
import type { z } from 'zod';
import { requireAnswer } from '../../../core/provider/check-provider.ts';
import { checkAddress } from '../../../core/provider/create-provider.ts';
import { accessOf, type ProviderChange, updateProvider } from '../../../core/provider/update-provider.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentProvider } from '../../present/provider.ts';
import type { RouteParts } from '../../route-parts.ts';

type Parts = Pick<RouteParts, 'readers' | 'clock' | 'checkProvider' | 'problemOfAddress' | 'forgetProvider'>;

export const updateProviderRoute = (parts: Parts): Route =>
  defineChange({
    method: 'PATCH',
    path: '/v1/providers/:provider_id',
    operationId: 'updateProvider',
    summary: 'Change a model provider',
    description: 'Asked for its models first, as when it was made. Turns that begin afterwards use it as it is then.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    params: providerParams,
    body: updateProviderSchema,
    replies: { 200: providerSchema },
    errors: ['not_found', 'provider_check_failed'],
    before: async ({ principal, params, body }) => {
      const change = toChange(body);
      const access = await accessOf(parts.readers, { principal, providerId: params.provider_id }, change);
      checkAddress({ type: access.type, baseUrl: change.baseUrl ?? null }, parts.problemOfAddress);
      if (!body.skip_test) await requireAnswer(parts.checkProvider, access);
    },
    handler: async (writers, { principal, params, body }) => {
      const request = { principal, providerId: params.provider_id, change: toChange(body) };
      const tools = { clock: parts.clock, forget: parts.forgetProvider };
      return { status: 200, body: presentProvider(await updateProvider(writers, request, tools)) };
    },
  });

const toChange = (body: z.output<typeof updateProviderSchema>): ProviderChange => ({
  ...(body.base_url === undefined ? {} : { baseUrl: body.base_url }),
  ...(body.api_key === undefined ? {} : { key: body.api_key }),
});
