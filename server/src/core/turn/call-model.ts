import type { ErrorCode } from '@parley/protocol/error-catalogue';
import type { Clock } from '../../kit/clock.ts';
import type { Breakers } from './breaker.ts';
import { type ChatModel, ChatModelError, type ChatModelReply, type ChatModelRequest } from './chat-model.ts';
import { type AttemptResult, attemptModel, type ReplyReader } from './model-attempt.ts';
import { type ModelRetryPolicy, pause, retryDelay } from './model-retry.ts';
import type { ModelAttempt } from './receipt.ts';

/** One link of a bot's chain of models. */
export type ModelCandidate = {
  /** The provider's name in the configuration. */
  provider: string;
  /** The name within the provider; empty where the provider is one model (`builtin`). */
  model: string;
  client: ChatModel;
  /** The workspace whose own provider it is; left out for the operator's. */
  workspaceId?: string;
};

/** The name by which bots, receipts and breakers know a model: `provider/model`, or the provider's alone. */
export const modelName = ({ provider, model }: Pick<ModelCandidate, 'provider' | 'model'>): string =>
  model === '' ? provider : `${provider}/${model}`;

export type CallOptions = {
  /** In the order in which they are asked. */
  candidates: readonly ModelCandidate[];
  request: Omit<ChatModelRequest, 'model'>;
  /** Text as it is shown, never empty. It must not throw. */
  onText: (text: string) => void;
  /** Makes what reads the text of a try, each its own; left out where all of it is shown. */
  readText?: () => ReplyReader;
  /** Told of every failed try, also of those that another one made good; for the operator's log. It must not throw. */
  onError?: (model: string, error: ChatModelError) => void;
};

/**
 * Asks the candidates until one has replied, all within `request.timeouts.totalMs`. Each is asked again where that may
 * help; the next one takes over only before the first character was handed on, so that a reply is never spliced from
 * two. Never throws.
 */
export type CallModel = (options: CallOptions) => Promise<CallResult>;

/** How a call ended. `attempts` are in the order in which they were made. */
export type CallResult =
  | { kind: 'completed'; candidate: ModelCandidate; reply: ChatModelReply; attempts: ModelAttempt[] }
  /** `code` is the entry of the error catalogue; `error` is for the operator's log. */
  | { kind: 'failed'; code: ModelFailureCode; textGiven: boolean; error: ChatModelError; attempts: ModelAttempt[] }
  | { kind: 'aborted'; textGiven: boolean; attempts: ModelAttempt[] };

export type ModelFailureCode = Extract<
  ErrorCode,
  'message_too_long' | 'model_timeout' | 'model_error' | 'model_unavailable'
>;

/** With less than this left of the whole time nobody is asked any more: it is not enough for a first word. */
const MIN_ATTEMPT_MS = 50;

/** Told how calls go, for the operator. It must cost next to nothing, and not throw. */
export interface ModelObserver {
  /** A try has ended, or was spared since the model kept failing. */
  tried(candidate: ModelCandidate, attempt: ModelAttempt): void;
  /** The same model is about to be asked once more. */
  retried(candidate: ModelCandidate): void;
  /** The next model of the chain is asked in its place. */
  gaveUp(candidate: ModelCandidate): void;
}

export type CallModelParts = {
  /** Those of the whole process: what one turn met spares the next one. */
  breakers: Breakers;
  retry: ModelRetryPolicy;
  clock: Clock;
  /** Between 0 and 1, for the jitter. */
  random: () => number;
  observer?: ModelObserver;
};

/** What was met on the chain so far. */
type Call = {
  parts: CallModelParts;
  options: CallOptions;
  /** By the clock of the parts. */
  endsAt: number;
  textGiven: boolean;
  attempts: ModelAttempt[];
  errors: ChatModelError[];
};

export const createCallModel =
  (parts: CallModelParts): CallModel =>
  async (options) => {
    const { request } = options;
    const endsAt = parts.clock() + request.timeouts.totalMs;
    const call: Call = { parts, options, endsAt, textGiven: false, attempts: [], errors: [] };
    let before: ModelCandidate | null = null;
    for (const candidate of options.candidates) {
      if (before) parts.observer?.gaveUp(before);
      before = candidate;
      const result = await askCandidate(candidate, call);
      const { attempts, textGiven } = call;
      if (result?.kind === 'replied') return { kind: 'completed', candidate, reply: result.reply, attempts };
      if (request.signal.aborted || result?.error.kind === 'aborted') return { kind: 'aborted', textGiven, attempts };
      if (textGiven || remainingMs(call) < MIN_ATTEMPT_MS) break;
    }
    return describeFailure(call);
  };

const remainingMs = (call: Call): number => call.endsAt - call.parts.clock();

/** The tries at one candidate; the last of them, or null where none was made. */
const askCandidate = async (candidate: ModelCandidate, call: Call): Promise<AttemptResult | null> => {
  const { parts, options } = call;
  const { signal } = options.request;
  const name = modelName(candidate);
  // two workspaces may call different providers by one name
  const breaker = parts.breakers.of(candidate.workspaceId ? `${candidate.workspaceId}/${name}` : name);
  let last: AttemptResult | null = null;
  for (let tries = 1; ; tries += 1) {
    const pass = breaker.admit();
    if (pass === null) {
      if (last === null) note(call, candidate, skippedAttempt(name));
      return last;
    }
    last = await attemptModel({ name, client: candidate.client, pass }, withinRemaining(candidate.model, call), {
      clock: parts.clock,
      reader: options.readText?.() ?? null,
      onText: (text) => {
        call.textGiven = true;
        options.onText(text);
      },
    });
    note(call, candidate, last.attempt);
    if (last.kind === 'replied') return last;
    call.errors.push(last.error);
    options.onError?.(name, last.error);
    const delayMs = retryDelay(last.error, parts.retry, { tries, random: parts.random() });
    if (call.textGiven || delayMs === null || remainingMs(call) - delayMs < MIN_ATTEMPT_MS) {
      return last;
    }
    await pause(delayMs, signal);
    if (signal.aborted) return last;
    parts.observer?.retried(candidate);
  }
};

const note = (call: Call, candidate: ModelCandidate, attempt: ModelAttempt): void => {
  call.attempts.push(attempt);
  call.parts.observer?.tried(candidate, attempt);
};

const skippedAttempt = (model: string): ModelAttempt => ({
  model,
  status: 'skipped',
  error: null,
  firstTokenMs: null,
  totalMs: 0,
  usage: null,
});

/** The request to one model, with what is left of the whole time. */
const withinRemaining = (model: string, call: Call): ChatModelRequest => ({
  ...call.options.request,
  model,
  timeouts: { ...call.options.request.timeouts, totalMs: remainingMs(call) },
});

const describeFailure = (call: Call): CallResult => {
  const error = call.errors.at(-1) ?? new ChatModelError('unavailable', 'no model of the chain could be asked');
  const errors = call.errors.length === 0 ? [error] : call.errors;
  // A reply that broke off is explained by what broke it, not by what was met before.
  const code = failureCode(call.textGiven ? [error] : errors);
  return { kind: 'failed', code, textGiven: call.textGiven, error, attempts: call.attempts };
};

/** The catalogue's code for the errors of a chain: the most telling one, and the one the caller can act on first. */
const failureCode = (errors: readonly ChatModelError[]): ModelFailureCode => {
  const kinds = new Set(errors.map((error) => error.kind));
  if (errors.every((error) => error.kind === 'context_too_long')) return 'message_too_long';
  if (kinds.has('timeout')) return 'model_timeout';
  if (kinds.has('rejected') || kinds.has('malformed')) return 'model_error';
  return 'model_unavailable';
};
