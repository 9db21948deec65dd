import type { Clock } from '../../kit/clock.ts';
import type { BreakerOutcome, BreakerPass } from './breaker.ts';
import {
  type ChatModel,
  ChatModelError,
  type ChatModelErrorKind,
  type ChatModelReply,
  type ChatModelRequest,
} from './chat-model.ts';
import type { AttemptUsage, ModelAttempt } from './receipt.ts';

export type AttemptResult = { attempt: ModelAttempt } & (
  | { kind: 'replied'; reply: ChatModelReply }
  | { kind: 'failed'; error: ChatModelError }
);

/** A request that was refused, or too long, was answered: the provider is up. */
const breakerOutcome = (error: ChatModelError): BreakerOutcome => {
  if (error.kind === 'aborted') return 'neutral';
  return error.retryable ? 'failed' : 'ok';
};

const asChatModelError = (error: unknown, signal: AbortSignal): ChatModelError => {
  if (error instanceof ChatModelError) return error;
  if (signal.aborted) return new ChatModelError('aborted', 'the request was aborted');
  return new ChatModelError('malformed', 'the model client failed', { cause: error });
};

export class EmptyReply extends ChatModelError {
  readonly finishReason: ChatModelReply['finishReason'];

  constructor(finishReason: ChatModelReply['finishReason']) {
    super('malformed', `the reply is empty (${finishReason})`);
    this.finishReason = finishReason;
  }
}

/** A reply without a word is of no use to anybody, unless the provider's filter took the words away. */
const refuseEmpty = (reply: ChatModelReply, textGiven: boolean): ChatModelReply => {
  if (textGiven || reply.finishReason === 'content_filter') return reply;
  throw new EmptyReply(reply.finishReason);
};

/** Runs one request. Never throws; tells the breaker how it went. */
export const attemptModel = async (
  candidate: { name: string; client: ChatModel; pass: BreakerPass },
  request: ChatModelRequest,
  options: { onText: (text: string) => void; clock: Clock },
): Promise<AttemptResult> => {
  const { onText, clock } = options;
  const startedAt = clock();
  let firstTokenMs: number | null = null;
  let usage: AttemptUsage | null = null;
  const describe = (status: 'ok' | 'failed', error: ChatModelErrorKind | null): ModelAttempt => ({
    model: candidate.name,
    status,
    error,
    firstTokenMs,
    totalMs: clock() - startedAt,
    usage,
  });
  try {
    const given = await candidate.client.reply(request, (text) => {
      firstTokenMs ??= clock() - startedAt;
      onText(text);
    });
    usage = given.usage && { ...given.usage, estimated: false };
    const reply = refuseEmpty(given, firstTokenMs !== null);
    candidate.pass.done('ok');
    return { kind: 'replied', reply, attempt: describe('ok', null) };
  } catch (thrown) {
    const error = asChatModelError(thrown, request.signal);
    candidate.pass.done(breakerOutcome(error));
    return { kind: 'failed', error, attempt: describe('failed', error.kind) };
  }
};
