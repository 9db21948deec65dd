import type { keyDetailSchema, keySchema, keyWithSecretSchema } from '@parley/protocol/key-schemas';
import type { z } from 'zod';
import type { KeyWithSecret } from '../../core/access/create-key.ts';
import type { Key } from '../../core/access/key.ts';
import { presentTime, presentTimeOrNull } from './time.ts';

export const presentKey = (key: Key): z.output<typeof keySchema> => ({
  id: key.id,
  object: 'key',
  name: key.name,
  type: key.type,
  scopes: key.scopes,
  bot_ids: key.botIds,
  allowed_origins: key.allowedOrigins,
  secrets: key.secrets.map((secret) => ({
    last_four: secret.lastFour,
    created_at: presentTime(secret.createdAt),
    expires_at: presentTimeOrNull(secret.expiresAt),
    last_used_at: presentTimeOrNull(secret.lastUsedAt),
  })),
  expires_at: presentTimeOrNull(key.expiresAt),
  created_by: key.createdBy,
  created_at: presentTime(key.createdAt),
});

export const presentKeyDetail = (key: Key): z.output<typeof keyDetailSchema> => ({
  ...presentKey(key),
  secret: key.secrets[0]?.publicSecret ?? null,
});

export const presentKeyWithSecret = ({ key, secret }: KeyWithSecret): z.output<typeof keyWithSecretSchema> => ({
  ...presentKey(key),
  secret,
});
