import { z } from 'zod';
import {
  botId,
  keyId,
  listOf,
  overlapSeconds,
  pageQuery,
  timestamp,
  timestampInput,
  visibleText,
} from './common-schemas.ts';

export const scopeNames = [
  'chat',
  'bots:read',
  'bots:write',
  'conversations:read',
  'conversations:write',
  'usage:read',
  'keys:write',
  'users:read',
  'users:write',
  'workspaces:write',
  'admin',
  'all',
] as const;

const scope = z.enum(scopeNames);
const keyType = z.enum(['live', 'test', 'publishable']);

/** More bots than one key is ever limited to by hand. */
const maxBots = 100;

export const createKeySchema = z
  .strictObject({
    name: visibleText(200).describe('For people; it need not be unique.'),
    type: keyType
      .default('live')
      .describe(
        '`test` keeps conversations and usage apart and is never charged. `publishable` is for web pages: one bot, chat alone, no secret.',
      ),
    scopes: z
      .array(scope)
      .min(1)
      .max(scopeNames.length)
      .optional()
      .describe('What the key may do; `all` stands for every scope. A publishable key has `chat` and needs none.'),
    bot_ids: z
      .array(botId)
      .min(1)
      .max(maxBots)
      .nullable()
      .optional()
      .describe('The bots it may use; left out or null: as many as the key that makes it.'),
    allowed_origins: z
      .array(z.string().max(300))
      .max(20)
      .optional()
      .describe('For publishable keys: the exact origins of the pages that may use it, like https://shop.example.'),
    expires_at: timestampInput.nullable().optional().describe('When it stops working; left out or null: never.'),
  })
  .refine((key) => key.type === 'publishable' || key.scopes !== undefined, {
    error: 'must name what the key may do',
    path: ['scopes'],
  })
  .meta({ id: 'CreateKey', examples: [{ name: 'Web shop', scopes: ['chat', 'conversations:read'] }] });

export const rotateKeySchema = z
  .strictObject({
    overlap_seconds: overlapSeconds({ maxDays: 30, description: 'How long the old secret goes on working.' }),
  })
  .meta({ id: 'RotateKey', examples: [{ overlap_seconds: 3_600 }] });

/** A rotation without a body takes the defaults. */
export const rotateKeyBody = rotateKeySchema.optional();

const keyFields = {
  id: keyId,
  object: z.literal('key'),
  name: z.string(),
  type: keyType,
  scopes: z.array(scope),
  bot_ids: z.array(botId).nullable().describe('Null: every bot of the workspace.'),
  allowed_origins: z.array(z.string()),
  secrets: z
    .array(
      z.strictObject({
        last_four: z.string(),
        created_at: timestamp,
        expires_at: timestamp.nullable().describe('The end of a rotation’s overlap; null for the newest secret.'),
        last_used_at: timestamp.nullable().describe('Written about every ten seconds.'),
      }),
    )
    .describe('The secrets that work now, newest first.'),
  expires_at: timestamp.nullable(),
  created_by: z.string().describe('Who made it: `key:…`, `session:…` or `cli`.'),
  created_at: timestamp,
};

export const keySchema = z.strictObject(keyFields).meta({ id: 'Key' });

export const keyDetailSchema = z
  .strictObject({
    ...keyFields,
    secret: z
      .string()
      .nullable()
      .describe('The newest secret of a publishable key, which is none; null for every other.'),
  })
  .meta({ id: 'KeyDetail' });

export const keyWithSecretSchema = z
  .strictObject({
    ...keyFields,
    secret: z
      .string()
      .describe('Shown this once, unless the key is publishable. Store it where only your server reads it.'),
  })
  .meta({ id: 'KeyWithSecret' });

export const keyListSchema = listOf(keySchema).meta({ id: 'KeyList' });

export const keyParams = z.strictObject({ key_id: keyId });

export const listKeysQuery = z.strictObject(pageQuery(keyId));
