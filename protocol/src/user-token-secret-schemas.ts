import { z } from 'zod';
import { botId, idSchema, listOf, overlapSeconds, pageQuery, timestamp } from './common-schemas.ts';

const secretId = idSchema('secret', 'a user token secret');

export const createUserTokenSecretSchema = z
  .strictObject({
    overlap_seconds: overlapSeconds({
      maxDays: 30,
      description: 'How long the secrets that the bot has go on working.',
    }),
  })
  .meta({ id: 'CreateUserTokenSecret', examples: [{ overlap_seconds: 3_600 }] });

/** Without a body it takes the defaults. */
export const createUserTokenSecretBody = createUserTokenSecretSchema.optional();

const fields = {
  id: secretId,
  object: z.literal('user_token_secret'),
  bot_id: botId,
  last_four: z.string(),
  expires_at: timestamp.nullable().describe('The end of a rotation’s overlap; null for the newest.'),
  created_at: timestamp,
};

export const userTokenSecretSchema = z.strictObject(fields).meta({ id: 'UserTokenSecret' });

export const shownUserTokenSecretSchema = z
  .strictObject({
    ...fields,
    secret: z
      .string()
      .describe('Shown this once. The key of HMAC-SHA-256, as the text that it is. Keep it on your server alone.'),
  })
  .meta({ id: 'ShownUserTokenSecret' });

export const userTokenSecretListSchema = listOf(userTokenSecretSchema).meta({ id: 'UserTokenSecretList' });

export const listUserTokenSecretsQuery = z.strictObject(pageQuery(secretId));

export const botParams = z.strictObject({ bot_id: botId });
export const userTokenSecretParams = z.strictObject({ bot_id: botId, secret_id: secretId });
