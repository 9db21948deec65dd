import type { QuotaLimits } from '../usage/quota-limits.ts';

/** A bot as one of its versions describes it. Every change makes a new version, kept as long as the bot. */
export type Bot = {
  id: string;
  workspaceId: string;
  version: number;
  createdAt: number;
  updatedAt: number;
  config: BotConfig;
  /** No part of its versions: changing them makes none. Null where neither the bot nor its users have limits. */
  quotas: BotQuotas | null;
};

/** What a bot was from one change to the next. */
export type BotVersion = {
  botId: string;
  version: number;
  config: BotConfig;
  /** `principalName` of whoever made it. */
  createdBy: string;
  createdAt: number;
};

/** What a bot, and each of its users, may use of the workspace's quota. */
export type BotQuotas = { bot: QuotaLimits | null; user: QuotaLimits | null };

export type OnBusy = 'queue' | 'reject' | 'interrupt' | 'merge';

export type BotConfig = {
  name: string;
  businessDescription: string;
  instructions: string;
  tone: string;
  /** `auto` or BCP 47. */
  language: string;
  greeting: string;
  fallback: string;
  /** `builtin` or `provider/model`. */
  model: string;
  fallbackModels: string[];
  onModelFailure: 'fallback' | 'error';
  /** Null: the model's own. */
  contextTokens: number | null;
  temperature: number | null;
  maxReplyTokens: number | null;
  memory: BotMemory;
  knowledge: BotKnowledge;
  onBusy: OnBusy;
  branding: Record<string, string>;
  metadata: Record<string, string>;
};

export type BotMemory = {
  /** Messages shown verbatim; null: as many as the plan allows. */
  messages: number | null;
  summary: boolean;
  facts: boolean;
  recallTokens: number;
};

export type BotKnowledge = {
  /** Passages shown at most. */
  topK: number;
  /** 0 to 1; passages below are not shown. */
  minScore: number;
  citations: 'separate' | 'inline';
};
