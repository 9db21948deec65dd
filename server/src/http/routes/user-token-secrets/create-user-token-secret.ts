import {
  botParams,
  createUserTokenSecretBody,
  createUserTokenSecretSchema,
  shownUserTokenSecretSchema,
} from '@parley/protocol/user-token-secret-schemas';
import { createUserTokenSecret } from '../../../core/access/user-token-secrets.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentShownUserTokenSecret } from '../../present/user-token-secret.ts';
import type { RouteParts } from '../../route-parts.ts';

export const createUserTokenSecretRoute = ({ clock, visitors }: Pick<RouteParts, 'clock' | 'visitors'>): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/bots/:bot_id/user_token_secrets',
    operationId: 'createUserTokenSecret',
    summary: 'Make a secret to sign user tokens with',
    description:
      'Your server signs with it who a visitor is (`Parley-User-Token`). The secret is in this answer and nowhere else. Those that the bot has go on working until the overlap ends: that is how a secret is rotated. One that is made by a key that expires ends with that key, and cannot take the place of one that lasts longer.',
    tag: 'Keys',
    access: { principals: ['key', 'session'], scope: 'bots:write' },
    secret: true,
    params: botParams,
    body: createUserTokenSecretBody,
    replies: { 201: shownUserTokenSecretSchema },
    errors: ['invalid_request', 'not_found'],
    handler: async (writers, { principal, params, body }) => {
      const { overlap_seconds: overlapSeconds } = body ?? createUserTokenSecretSchema.parse({});
      const made = await createUserTokenSecret(
        writers,
        { principal, botId: params.bot_id, overlapSeconds },
        { clock, forget: visitors.forgetUserTokens },
      );
      return { status: 201, body: presentShownUserTokenSecret(made) };
    },
  });
