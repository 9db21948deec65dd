import { z } from 'zod';
import { idSchema, listOf, pageQuery, timestamp } from './common-schemas.ts';

const providerId = idSchema('prov', 'a provider');

const type = z
  .enum(['openai-compatible', 'anthropic', 'google'])
  .describe('The dialect it speaks: OpenAI’s chat completions, Anthropic’s messages, or Google’s Gemini.');

const baseUrl = z
  .url({ protocol: /^https?$/, error: 'must be an address, like https://llm.example.com/v1' })
  .max(2_000)
  .nullable()
  .describe(
    'With the version; a query is kept (`google` takes none). Null or left out: the vendor’s own. It must be on the public internet, or be allowed by the operator.',
  );

const apiKey = z
  .string()
  .min(8)
  .max(4_096)
  .regex(/^[\x21-\x7e]+$/, { error: 'must be visible ASCII without blanks' })
  .describe('Encrypted at rest; only its last four characters are ever shown.');

const skipTest = z.boolean().default(false).describe('Save it without asking the provider first.');

export const createProviderSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,31}$/, { error: 'must be 1 to 32 of a-z, 0-9, _ and -, and begin with a letter' })
      .describe('What bots put before the slash: `name/model`. It cannot be changed.'),
    type,
    base_url: baseUrl.optional(),
    api_key: apiKey,
    skip_test: skipTest,
  })
  .meta({ id: 'CreateProvider', examples: [{ name: 'ours', type: 'openai-compatible', api_key: 'sk-0123456789' }] });

export const updateProviderSchema = z
  .strictObject({ base_url: baseUrl.optional(), api_key: apiKey.optional(), skip_test: skipTest })
  .describe('The fields to change. Another `base_url` needs the `api_key` that belongs to it.')
  .meta({ id: 'UpdateProvider', examples: [{ api_key: 'sk-0123456789' }] });

export const providerSchema = z
  .strictObject({
    id: providerId,
    object: z.literal('provider'),
    name: z.string(),
    type,
    base_url: z.string().nullable(),
    last_four: z.string().describe('Of its key.'),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'Provider' });

export const providerListSchema = listOf(providerSchema).meta({ id: 'ProviderList' });

export const providerParams = z.strictObject({ provider_id: providerId });

export const listProvidersQuery = z.strictObject(pageQuery(providerId));

export const providerTestSchema = z
  .strictObject({
    object: z.literal('provider_test'),
    provider_id: providerId,
    ok: z.boolean(),
    detail: z.string().nullable().describe('What is wrong; null where nothing is.'),
  })
  .meta({ id: 'ProviderTest' });
