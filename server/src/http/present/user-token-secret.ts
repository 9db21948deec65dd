import type { shownUserTokenSecretSchema, userTokenSecretSchema } from '@parley/protocol/user-token-secret-schemas';
import type { z } from 'zod';
import type { EncryptedSecret } from '../../core/access/encrypted-secret-store.ts';
import { presentTime, presentTimeOrNull } from './time.ts';

export const presentUserTokenSecret = (secret: EncryptedSecret): z.output<typeof userTokenSecretSchema> => ({
  id: secret.id,
  object: 'user_token_secret',
  bot_id: secret.subjectId,
  last_four: secret.lastFour,
  expires_at: presentTimeOrNull(secret.expiresAt),
  created_at: presentTime(secret.createdAt),
});

export const presentShownUserTokenSecret = (made: {
  secret: EncryptedSecret;
  value: string;
}): z.output<typeof shownUserTokenSecretSchema> => ({ ...presentUserTokenSecret(made.secret), secret: made.value });
