import { keyParams, keyWithSecretSchema, rotateKeyBody, rotateKeySchema } from '@parley/protocol/key-schemas';
import { rotateKey } from '../../../core/access/rotate-key.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentKeyWithSecret } from '../../present/key.ts';
import type { RouteParts } from '../../route-parts.ts';

export const rotateKeyRoute = ({
  pepper,
  clock,
  forgetKey,
}: Pick<RouteParts, 'pepper' | 'clock' | 'forgetKey'>): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/keys/:key_id/rotate',
    operationId: 'rotateKey',
    summary: 'Give a key a new secret',
    description: 'The id, the limits and the history stay. The old secret works until the overlap ends.',
    tag: 'Keys',
    access: { principals: ['key', 'session'], scope: 'keys:write' },
    secret: true,
    params: keyParams,
    body: rotateKeyBody,
    replies: { 200: keyWithSecretSchema },
    errors: ['not_found'],
    handler: async (writers, { principal, params, body }) => {
      const { overlap_seconds: overlapSeconds } = body ?? rotateKeySchema.parse({});
      const request = { principal, keyId: params.key_id, overlapSeconds };
      const rotated = await rotateKey(writers, request, { pepper, clock, forget: forgetKey });
      return { status: 200, body: presentKeyWithSecret(rotated) };
    },
  });
