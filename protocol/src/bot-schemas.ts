import { z } from 'zod';
import { botId, count, listOf, pageQuery, storedPairs, stringPairs, timestamp, visibleText } from './common-schemas.ts';
import { quotaInput, quotaSchema } from './quota-schemas.ts';

const modelName = z
  .string()
  .max(200)
  .regex(/^(?:builtin|[a-z][a-z0-9_-]{0,31}\/\S+)$/, { error: 'must be `builtin` or have the form `provider/model`' })
  .describe('`builtin`, or `provider/model` with a provider that the operator configured.');

const language = z
  .string()
  .max(35)
  .regex(/^(?:auto|[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)$/, {
    error: 'must be `auto` or a BCP 47 tag, like `en` or `pt-BR`',
  })
  .describe("`auto` answers in the user's language; else a BCP 47 tag.");

const onBusy = z
  .enum(['queue', 'reject', 'interrupt', 'merge'])
  .describe('What becomes of a message that arrives while a turn is running in its conversation.');

const onModelFailure = z
  .enum(['fallback', 'error'])
  .describe('What a caller gets when no model can be reached: the fallback text, free, or `model_unavailable`.');

const memoryFields = {
  messages: z.int().min(0).max(200).nullable().describe('Messages shown verbatim; null: as many as the plan allows.'),
  summary: z.boolean().describe('Keep a summary of what is older than those.'),
  facts: z.boolean().describe('Remember facts about the user across conversations.'),
  recall_tokens: z.int().min(0).max(20_000).describe('Tokens for older messages that match the question.'),
};

const knowledgeFields = {
  top_k: z.int().min(0).max(20).describe('Passages shown to the model at most.'),
  min_score: z.number().min(0).max(1).describe('Passages that match less are not shown.'),
  citations: z
    .enum(['separate', 'inline'])
    .describe('`inline` keeps the marks (`[1]`) in the text, `separate` lists the sources beside it.'),
};

const fields = {
  name: visibleText(200).describe('For people; the bot itself goes by it, too.'),
  business_description: z.string().max(20_000).describe('What the business is and does, in plain words.'),
  instructions: z.string().max(20_000).describe('How to answer, what to ask, what to leave alone.'),
  tone: z.string().max(500).describe('How it speaks, in plain words.'),
  language,
  greeting: z
    .string()
    .max(2_000)
    .regex(/^$|\S/, { error: 'must be empty, or hold more than blanks' })
    .describe('The first message of a conversation; empty for none. Never charged.'),
  fallback: visibleText(2_000).describe('What the bot says when its knowledge has no answer.'),
  model: modelName,
  fallback_models: z.array(modelName).max(5).describe('Tried in order when the model cannot be reached.'),
  on_model_failure: onModelFailure,
  context_tokens: z.int().min(512).max(2_000_000).nullable().describe("Null: the model's own; may only be lowered."),
  temperature: z.number().min(0).max(2).nullable().describe("Null: the provider's default."),
  max_reply_tokens: z.int().min(1).max(100_000).nullable().describe("Null: the provider's default."),
  on_busy: onBusy,
  branding: stringPairs.describe(
    'Up to 16 pairs for the chat window: colours, names, addresses of pictures. `color`, any CSS colour, is that of the embedded page.',
  ),
  metadata: stringPairs,
};

const quotaFields = {
  quota: quotaInput.nullable().describe('What the bot may use of the workspace’s quota; null: no limit of its own.'),
  user_quota: quotaInput.nullable().describe('What each of its users may use; null: no limit of their own.'),
};

const changeable = {
  ...fields,
  ...quotaFields,
  memory: z.strictObject(memoryFields).partial().describe('What the model is shown of earlier messages.'),
  knowledge: z.strictObject(knowledgeFields).partial().describe('What the model is shown of the knowledge.'),
};

export const updateBotSchema = z
  .strictObject(changeable)
  .partial()
  .describe('The fields to change. Those of `memory` and `knowledge` are merged, pairs are replaced.')
  .meta({ id: 'UpdateBot', examples: [{ tone: 'formal', knowledge: { top_k: 8 } }] });

export const createBotSchema = z
  .strictObject({ ...updateBotSchema.shape, name: fields.name })
  .describe('Everything but the name has a default.')
  .meta({
    id: 'CreateBot',
    examples: [
      {
        name: 'Shop assistant',
        business_description: 'Nino sells hand-woven blankets from Tbilisi, worldwide.',
        instructions: 'Answer questions about orders and delivery. Never promise discounts.',
        greeting: 'Hello! What can I do for you?',
        model: 'builtin',
      },
    ],
  });

/** What the versions of a bot differ in. */
const configuration = {
  name: z.string().describe('For people; the bot itself goes by it, too.'),
  business_description: z.string().describe('What the business is and does, in plain words.'),
  instructions: z.string().describe('How to answer, what to ask, what to leave alone.'),
  tone: z.string().describe('How it speaks, in plain words.'),
  language: z.string().describe("`auto` answers in the user's language; else a BCP 47 tag."),
  greeting: z.string().describe('The first message of a conversation; empty for none. Never charged.'),
  fallback: z.string().describe('What the bot says when its knowledge has no answer.'),
  model: z.string().describe('`builtin`, or `provider/model`.'),
  fallback_models: z.array(z.string()).describe('Tried in order when the model cannot be reached.'),
  on_model_failure: onModelFailure,
  context_tokens: count.nullable().describe("What the model is shown at most; null: the model's own limit."),
  temperature: z.number().nullable().describe("Null: the provider's default."),
  max_reply_tokens: count.nullable().describe("Null: the provider's default."),
  memory: z.strictObject(memoryFields).describe('What the model is shown of earlier messages.'),
  knowledge: z.strictObject(knowledgeFields).describe('What the model is shown of the knowledge.'),
  on_busy: onBusy,
  branding: storedPairs.describe('Pairs for the chat window.'),
  metadata: storedPairs.describe('Your own pairs.'),
};

export const botSchema = z
  .strictObject({
    id: botId,
    object: z.literal('bot').describe('What this is.'),
    version: z.int().min(1).describe('Grows with every change; also the ETag.'),
    ...configuration,
    quota: quotaSchema.nullable().describe('What the bot may use of the workspace’s quota; null: no limit of its own.'),
    user_quota: quotaSchema.nullable().describe('What each of its users may use; null: no limit of their own.'),
    created_at: timestamp.describe('When it was made.'),
    updated_at: timestamp.describe('When it was last changed.'),
  })
  .meta({ id: 'Bot' });

/** The number of a version, as a path and the cursors of its list write it. */
const versionNumber = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, { error: 'must be the number of a version, like 3' })
  .describe('The number of a version.');

export const botVersionSchema = z
  .strictObject({
    id: z.string().describe('The number of the version, as cursors of the list and the path take it.'),
    object: z.literal('bot_version'),
    bot_id: botId,
    version: z.int().min(1).describe('As turns name it in `bot_version`.'),
    ...configuration,
    created_by: z.string().describe('Who made it: `key:…`, `session:…` or `cli`.'),
    created_at: timestamp,
  })
  .meta({ id: 'BotVersion' });

export const botVersionListSchema = listOf(botVersionSchema).meta({ id: 'BotVersionList' });

export const botListSchema = listOf(botSchema).meta({ id: 'BotList' });

export const botParams = z.strictObject({ bot_id: botId });

export const botVersionParams = z.strictObject({ bot_id: botId, version: versionNumber });

export const listBotVersionsQuery = z.strictObject(pageQuery(versionNumber));

export const listBotsQuery = z.strictObject(pageQuery(botId));

export const deleteBotQuery = z.strictObject({
  confirm: z.string().max(200).optional().describe("The bot's name, needed while it still has conversations."),
});
