import type { Bot } from '../bot/bot.ts';
import { ParleyError } from '../error.ts';
import type { CountTokens } from '../turn/count-usage.ts';
import { withUsage } from '../turn/count-usage.ts';
import type { CallModel } from '../turn/call-model.ts';
import type { ChatModelTimeouts } from '../turn/chat-model.ts';
import type { ModelContext } from '../turn/context.ts';
import type { ModelCatalogue } from '../turn/model-catalogue.ts';
import { estimateTokens } from '../../kit/token-estimate.ts';

/** Nobody waits for it, but a job that hangs keeps others from being run. */
const maxTotalMs = 120_000;
/** Room for a model that thinks before it writes; what it writes is cut to its own limit. */
const maxReplyTokens = 3_000;

export type AskParts = {
  models: ModelCatalogue;
  callModel: CallModel;
  timeouts: ChatModelTimeouts;
  countTokens: CountTokens;
};

export type MemoryAnswer = {
  text: string;
  /** `provider/model`. */
  model: string;
  inputTokens: number;
  outputTokens: number;
};

/**
 * Asks the models of a bot's chain something about a conversation, outside any turn. Null where the chain has none that
 * can be asked (`builtin` writes nothing of its own). Throws what a turn would have failed with.
 */
export type AskForMemory = (
  bot: Bot,
  request: { instructions: string; text: string; signal: AbortSignal },
) => Promise<MemoryAnswer | null>;

export const createAskForMemory =
  (parts: AskParts): AskForMemory =>
  async (bot, { instructions, text, signal }) => {
    const chain = await parts.models.chainOf(bot);
    const candidates = chain.candidates.filter(({ provider }) => provider !== 'builtin');
    if (candidates.length === 0) return null;
    const context = contextOf(bot, instructions, text);
    let answer = '';
    const result = await parts.callModel({
      candidates,
      request: {
        context,
        temperature: 0,
        maxReplyTokens,
        stream: false,
        timeouts: { ...parts.timeouts, totalMs: Math.min(parts.timeouts.totalMs, maxTotalMs) },
        signal,
      },
      onText: (piece) => {
        answer += piece;
      },
    });
    signal.throwIfAborted();
    // a provider's own words may repeat what was asked, and this one ends in a log
    if (result.kind === 'failed') throw new ParleyError(result.code);
    const usedTokens = estimateTokens(instructions) + estimateTokens(text);
    const attempts = await withUsage(result, { context, text: answer, usedTokens }, parts.countTokens);
    return {
      text: answer.trim(),
      model: attempts.at(-1)?.model ?? '',
      inputTokens: attempts.reduce((sum, { usage }) => sum + (usage?.inputTokens ?? 0), 0),
      outputTokens: attempts.reduce((sum, { usage }) => sum + (usage?.outputTokens ?? 0), 0),
    };
  };

const contextOf = (bot: Bot, instructions: string, text: string): ModelContext => ({
  bot: { name: bot.config.name, language: bot.config.language, greeting: '', fallback: '' },
  instructions,
  facts: [],
  known: [],
  summary: null,
  recall: [],
  passages: [],
  history: [],
  messages: [{ seq: 0, role: 'user', text, tokens: estimateTokens(text) }],
  inlineCitations: false,
});

/** Every line is quoted, so that nothing in it can pass for a line of ours. */
export const quoteLines = (text: string): string =>
  text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => `> ${line}`)
    .join('\n');
