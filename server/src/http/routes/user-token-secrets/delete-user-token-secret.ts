import { deletedSchema } from '@parley/protocol/common-schemas';
import { userTokenSecretParams } from '@parley/protocol/user-token-secret-schemas';
import { deleteUserTokenSecret } from '../../../core/access/user-token-secrets.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentDeleted } from '../../present/deleted.ts';
import type { RouteParts } from '../../route-parts.ts';

export const deleteUserTokenSecretRoute = ({ clock, visitors }: Pick<RouteParts, 'clock' | 'visitors'>): Route =>
  defineChange({
    method: 'DELETE',
    path: '/v1/bots/:bot_id/user_token_secrets/:secret_id',
    operationId: 'deleteUserTokenSecret',
    summary: 'Delete a user token secret',
    description:
      'Every token that was signed with it is refused: at once here, within five seconds at the latest on every other server.',
    tag: 'Keys',
    access: { principals: ['key', 'session'], scope: 'bots:write' },
    params: userTokenSecretParams,
    replies: { 200: deletedSchema },
    errors: ['not_found'],
    handler: async (writers, { principal, params }) => {
      const asked = { principal, botId: params.bot_id, secretId: params.secret_id };
      await deleteUserTokenSecret(writers, asked, { clock, forget: visitors.forgetUserTokens });
      return { status: 200, body: presentDeleted('user_token_secret', params.secret_id) };
    },
  });
