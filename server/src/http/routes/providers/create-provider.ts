import { createProviderSchema, providerSchema } from '@parley/protocol/provider-schemas';
import { requireAnswer } from '../../../core/provider/check-provider.ts';
import { checkNewProvider, createProvider } from '../../../core/provider/create-provider.ts';
import { addressOf } from '../../../core/provider/provider.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentProvider } from '../../present/provider.ts';
import type { RouteParts } from '../../route-parts.ts';

type Parts = Pick<RouteParts, 'models' | 'clock' | 'checkProvider' | 'problemOfAddress'>;

export const createProviderRoute = ({ models, clock, checkProvider, problemOfAddress }: Parts): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/providers',
    operationId: 'createProvider',
    summary: 'Give the workspace a model provider',
    description:
      'Bots of the workspace may then name `name/model`. The provider is asked for its models first, and refused where it does not answer.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    body: createProviderSchema,
    replies: { 201: providerSchema },
    errors: ['already_exists', 'plan_limit_reached', 'provider_check_failed'],
    before: async ({ principal, body }) => {
      const { name, type, base_url: baseUrl = null, api_key: key, skip_test: skipTest } = body;
      checkNewProvider(principal, { name, type, baseUrl }, { models, problemOf: problemOfAddress });
      if (!skipTest) await requireAnswer(checkProvider, { type, url: addressOf({ type, baseUrl }), key });
    },
    handler: async (writers, { principal, body }) => {
      const { name, type, base_url: baseUrl = null, api_key: key } = body;
      const provider = await createProvider(writers, { principal, wanted: { name, type, baseUrl, key } }, clock);
      return { status: 201, body: presentProvider(provider) };
    },
  });
