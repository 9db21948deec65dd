import type { Bot } from '../bot/bot.ts';
import { ParleyError } from '../error.ts';
import type { CountTokens, NoteUsage } from '../turn/count-usage.ts';
import { withUsage } from '../turn/count-usage.ts';
import { type CallModel, type ModelCandidate, modelName } from '../turn/call-model.ts';
import type { ChatModelError, ChatModelReply, ChatModelTimeouts } from '../turn/chat-model.ts';
import type { ModelContext } from '../turn/context.ts';
import type { ModelAttempt } from '../turn/receipt.ts';
import { type ModelCatalogue, smallestContext } from '../turn/model-catalogue.ts';
import type { Transact } from '../store.ts';
import type { Clock } from '../../kit/clock.ts';
import type { MemoryUsage } from './memory-store.ts';
import { emptyCodes, ModelRefusal, refusalOf } from './model-refusal.ts';
import { estimateTokens } from '../../kit/token-estimate.ts';

/** Nobody waits for it, but a job that hangs keeps others from being run. */
const maxTotalMs = 120_000;
/** Room for a model that thinks before it writes; what it writes is cut to its own limit. */
const maxReplyTokens = 3_000;
/** Of a small context: the rest is for what is asked. */
const replyShare = 1 / 3;
/** What a model's dialect puts around a question. */
const framingTokens = 64;
/** Of what is left for messages: estimates of some texts are a quarter short, and what does not fit is refused. */
const roomShare = 0.75;

export type AskParts = {
  models: ModelCatalogue;
  callModel: CallModel;
  timeouts: ChatModelTimeouts;
  countTokens: CountTokens;
  noteUsage?: NoteUsage;
  transact: Transact;
  clock: Clock;
};

export type MemoryAnswer = {
  /** Empty where the model wrote nothing that can be read. */
  text: string;
  /** `provider/model`. */
  model: string;
  finishReason: ChatModelReply['finishReason'];
};

/** The models of a bot's chain, outside any turn. All is null where it has none that can be asked: `builtin` writes nothing of its own. */
export type MemoryModels = {
  /** Tokens of messages that a question may hold beside these instructions, whichever model of the chain reads it. */
  roomBeside(bot: Bot, instructions: string): Promise<number | null>;
  /**
   * Asks them something about a conversation, and counts what they used, whatever becomes of the answer. Throws
   * ModelRefusal where the same would get no answer again, also where a filter ended it, and otherwise what a turn would
   * have failed with.
   */
  ask(
    bot: Bot,
    request: { conversation: MemoryUsage['conversation']; instructions: string; text: string; signal: AbortSignal },
  ): Promise<MemoryAnswer | null>;
};

export const createMemoryModels = (parts: AskParts): MemoryModels => ({
  async roomBeside(bot, instructions) {
    const candidates = await candidatesOf(parts.models, bot);
    if (candidates.length === 0) return null;
    const contextTokens = smallestContext(bot.config, candidates);
    const left = contextTokens - replyTokensOf(contextTokens) - framingTokens - estimateTokens(instructions);
    return Math.max(0, Math.floor(left * roomShare));
  },

  async ask(bot, { conversation, instructions, text, signal }) {
    const candidates = await candidatesOf(parts.models, bot);
    if (candidates.length === 0) return null;
    const context = contextOf(bot, instructions, text);
    let answer = '';
    const errors: ChatModelError[] = [];
    const result = await parts.callModel({
      candidates,
      request: {
        context,
        temperature: 0,
        maxReplyTokens: replyTokensOf(smallestContext(bot.config, candidates)),
        stream: false,
        timeouts: { ...parts.timeouts, totalMs: Math.min(parts.timeouts.totalMs, maxTotalMs) },
        signal,
      },
      onText: (piece) => {
        answer += piece;
      },
      onError: (_, error) => errors.push(error),
    });
    const usedTokens = estimateTokens(instructions) + estimateTokens(text);
    const attempts = await withUsage(result, { context, text: answer, usedTokens }, parts.countTokens);
    parts.noteUsage?.(candidates, attempts);
    const used = { inputTokens: sumOf(attempts, 'inputTokens'), outputTokens: sumOf(attempts, 'outputTokens') };
    if (used.inputTokens + used.outputTokens > 0) {
      await parts.transact(({ memories }) => memories.addUsage({ ...used, conversation, at: parts.clock() }));
    }
    signal.throwIfAborted();
    if (result.kind === 'completed') {
      // what a filter has left of an answer says nothing of the messages behind the place
      if (result.reply.finishReason === 'content_filter') throw new ModelRefusal(emptyCodes.content_filter);
      return { text: answer.trim(), model: modelName(result.candidate), finishReason: result.reply.finishReason };
    }
    if (result.kind === 'aborted') throw new ParleyError('model_error');
    // a provider's own words may repeat what was asked, and this one ends in a log
    throw refusalOf(result.attempts, errors) ?? new ParleyError(result.code);
  },
});

const candidatesOf = async (models: ModelCatalogue, bot: Bot): Promise<ModelCandidate[]> =>
  (await models.chainOf(bot)).candidates.filter(({ provider }) => provider !== 'builtin');

const replyTokensOf = (contextTokens: number): number =>
  Math.min(maxReplyTokens, Math.floor(contextTokens * replyShare));

const sumOf = (attempts: readonly ModelAttempt[], tokens: 'inputTokens' | 'outputTokens'): number =>
  attempts.reduce((sum, { usage }) => sum + (usage?.[tokens] ?? 0), 0);

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
