import type { botSchema, botVersionSchema, updateBotSchema } from '@parley/protocol/bot-schemas';
import type { z } from 'zod';
import type { Bot, BotConfig, BotQuotas, BotVersion } from '../../core/bot/bot.ts';
import type { BotChange } from '../../core/bot/merge-config.ts';
import { presentQuota, toQuotaOrUndefined } from './quota.ts';
import { presentTime } from './time.ts';

/** A version as it was made; its limits and its bot's dates are no part of it. */
export const presentBotVersion = (made: BotVersion): z.output<typeof botVersionSchema> => ({
  id: String(made.version),
  object: 'bot_version',
  bot_id: made.botId,
  version: made.version,
  ...presentConfig(made.config),
  created_by: made.createdBy,
  created_at: presentTime(made.createdAt),
});

export const presentBot = ({ id, version, config, quotas, createdAt, updatedAt }: Bot): z.output<typeof botSchema> => ({
  id,
  object: 'bot',
  version,
  ...presentConfig(config),
  quota: presentQuota(quotas?.bot ?? null),
  user_quota: presentQuota(quotas?.user ?? null),
  created_at: presentTime(createdAt),
  updated_at: presentTime(updatedAt),
});

const presentConfig = (config: BotConfig) => ({
  name: config.name,
  business_description: config.businessDescription,
  instructions: config.instructions,
  tone: config.tone,
  language: config.language,
  greeting: config.greeting,
  fallback: config.fallback,
  model: config.model,
  fallback_models: config.fallbackModels,
  on_model_failure: config.onModelFailure,
  context_tokens: config.contextTokens,
  temperature: config.temperature,
  max_reply_tokens: config.maxReplyTokens,
  memory: {
    messages: config.memory.messages,
    summary: config.memory.summary,
    facts: config.memory.facts,
    recall_tokens: config.memory.recallTokens,
  },
  knowledge: {
    top_k: config.knowledge.topK,
    min_score: config.knowledge.minScore,
    citations: config.knowledge.citations,
  },
  on_busy: config.onBusy,
  branding: config.branding,
  metadata: config.metadata,
});

/** The version, as HTTP's conditional requests know it. */
export const botETag = ({ version }: Pick<Bot, 'version'>): string => `"${version}"`;

/** The fields that a body sets, under their names in core. */
export const toBotChange = (body: z.output<typeof updateBotSchema>): BotChange => {
  const { memory, knowledge } = body;
  return withoutUndefined({
    name: body.name,
    businessDescription: body.business_description,
    instructions: body.instructions,
    tone: body.tone,
    language: body.language,
    greeting: body.greeting,
    fallback: body.fallback,
    model: body.model,
    fallbackModels: body.fallback_models,
    onModelFailure: body.on_model_failure,
    contextTokens: body.context_tokens,
    temperature: body.temperature,
    maxReplyTokens: body.max_reply_tokens,
    onBusy: body.on_busy,
    branding: body.branding,
    metadata: body.metadata,
    memory:
      memory &&
      withoutUndefined({
        messages: memory.messages,
        summary: memory.summary,
        facts: memory.facts,
        recallTokens: memory.recall_tokens,
      }),
    knowledge:
      knowledge &&
      withoutUndefined({ topK: knowledge.top_k, minScore: knowledge.min_score, citations: knowledge.citations }),
  });
};

/** The limits that a body sets. */
export const toBotQuotas = (body: z.output<typeof updateBotSchema>): Partial<BotQuotas> =>
  withoutUndefined({ bot: toQuotaOrUndefined(body.quota), user: toQuotaOrUndefined(body.user_quota) });

type Given<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** What was not sent must not be set: it would overwrite with nothing. */
const withoutUndefined = <Fields extends object>(fields: Fields): Given<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<Fields>;
