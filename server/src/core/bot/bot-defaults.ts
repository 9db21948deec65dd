import type { BotConfig } from './bot.ts';

/** Tokens of recalled older messages, of which about 20 fit. */
const defaultRecallTokens = 2_000;
/** Passages shown at most. Past five, the right one is nearly always among them and the rest costs tokens. */
const defaultTopK = 5;
/**
 * Passages below say next to nothing about the question. On XQuAD the right one of 99 of 100 questions is above; a model
 * is left to judge the rest, and `builtin` speaks from 0.5 on.
 */
const defaultMinScore = 0.1;

/** What a new bot is where its maker said nothing. Its name has no default, and its model is the installation's. */
export const botDefaults = (defaultModel: string): Omit<BotConfig, 'name'> => ({
  businessDescription: '',
  instructions: '',
  tone: 'friendly and to the point',
  language: 'auto',
  greeting: '',
  fallback: 'I am sorry, I do not know that. Please ask our team.',
  model: defaultModel,
  fallbackModels: [],
  onModelFailure: 'error',
  contextTokens: null,
  temperature: null,
  maxReplyTokens: null,
  memory: { messages: null, summary: true, facts: true, recallTokens: defaultRecallTokens },
  knowledge: { topK: defaultTopK, minScore: defaultMinScore, citations: 'separate' },
  onBusy: 'queue',
  branding: {},
  metadata: {},
});
