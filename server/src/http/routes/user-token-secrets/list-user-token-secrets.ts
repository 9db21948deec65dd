import {
  botParams,
  listUserTokenSecretsQuery,
  userTokenSecretListSchema,
} from '@parley/protocol/user-token-secret-schemas';
import { listUserTokenSecrets } from '../../../core/access/user-token-secrets.ts';
import { pageOf } from '../../../core/page.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentList, toPageRequest } from '../../present/list.ts';
import { presentUserTokenSecret } from '../../present/user-token-secret.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listUserTokenSecretsRoute = ({ readers, clock }: Pick<RouteParts, 'readers' | 'clock'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/bots/:bot_id/user_token_secrets',
    operationId: 'listUserTokenSecrets',
    summary: 'List the secrets that user tokens may be signed with',
    description: 'Those that work, newest first, without the secrets themselves. A bot has five at most.',
    tag: 'Keys',
    access: { principals: ['key', 'session'], scope: 'bots:write' },
    params: botParams,
    query: listUserTokenSecretsQuery,
    replies: { 200: userTokenSecretListSchema },
    errors: ['invalid_request', 'not_found'],
    handler: async ({ principal, params, query }) => {
      const secrets = await listUserTokenSecrets(readers, { principal, botId: params.bot_id }, clock);
      return { status: 200, body: presentList(pageOf(secrets, toPageRequest(query)), presentUserTokenSecret) };
    },
  });
