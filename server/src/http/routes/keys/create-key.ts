import { createKeySchema, keyWithSecretSchema } from '@parley/protocol/key-schemas';
import { createKey } from '../../../core/access/create-key.ts';
import { publishableScopes } from '../../../core/access/publishable-key.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentKeyWithSecret } from '../../present/key.ts';
import type { RouteParts } from '../../route-parts.ts';

export const createKeyRoute = (parts: Pick<RouteParts, 'pepper' | 'clock'>): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/keys',
    operationId: 'createKey',
    summary: 'Make a key',
    description:
      'The secret is in this answer and nowhere else. A key can grant no more than the one that makes it holds. A publishable key is for web pages: it names one bot in `bot_ids` and the pages in `allowed_origins`, and its secret may be read again. A workspace has at most 1,000 keys that were not revoked.',
    tag: 'Keys',
    access: { principals: ['key', 'session'], scope: 'keys:write' },
    secret: true,
    body: createKeySchema,
    replies: { 201: keyWithSecretSchema },
    errors: ['not_found', 'plan_limit_reached'],
    handler: async (writers, { principal, body }) => {
      const made = await createKey(
        writers,
        {
          creator: principal,
          name: body.name,
          type: body.type,
          scopes: body.scopes ?? publishableScopes,
          botIds: body.bot_ids ?? null,
          allowedOrigins: body.allowed_origins ?? [],
          expiresAt: body.expires_at == null ? null : Date.parse(body.expires_at),
        },
        parts,
      );
      return { status: 201, body: presentKeyWithSecret(made) };
    },
  });
