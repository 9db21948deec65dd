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

/** What is shown of a reply's text, which may be less of it, and later. */
export type ReplyReader = {
  /** Takes a piece and gives what may be shown now; may be empty. */
  push(text: string): string;
  /** What was still held back. */
  end(): string;
};

/** A request that was refused, or too long, was answered: the provider is up. */
const breakerOutcome = (error: ChatModelError): BreakerOutcome => {
  // one that finds nothing to say is up, too, but of no use to whoever has a model in its place
  if (error.kind === 'aborted' || error instanceof EmptyReply) return 'neutral';
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
const refuseEmpty = (reply: ChatModelReply, textShown: boolean): ChatModelReply => {
  if (textShown || reply.finishReason === 'content_filter') return reply;
  throw new EmptyReply(reply.finishReason);
};

/** Hands on the text that is shown, from its first word on: blanks alone are no beginning of a reply. */
class ShownText {
  readonly #onText: (text: string) => void;
  readonly #reader: ReplyReader | null;
  #blanks = '';
  started = false;

  constructor(onText: (text: string) => void, reader: ReplyReader | null) {
    this.#onText = onText;
    this.#reader = reader;
  }

  push(text: string): void {
    this.#show(this.#reader?.push(text) ?? text);
  }

  end(): void {
    this.#show(this.#reader?.end() ?? '');
  }

  #show(text: string): void {
    if (!this.started && text.trim() === '') {
      this.#blanks += text;
      return;
    }
    const shown = this.#blanks + text;
    this.started = true;
    this.#blanks = '';
    if (shown !== '') this.#onText(shown);
  }
}

/** Runs one request. Never throws; tells the breaker how it went. */
export const attemptModel = async (
  candidate: { name: string; client: ChatModel; pass: BreakerPass },
  request: ChatModelRequest,
  options: { onText: (text: string) => void; reader: ReplyReader | null; clock: Clock },
): Promise<AttemptResult> => {
  const { clock } = options;
  const startedAt = clock();
  const text = new ShownText(options.onText, options.reader);
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
    const given = await candidate.client.reply(request, (piece) => {
      firstTokenMs ??= clock() - startedAt;
      text.push(piece);
    });
    text.end();
    usage = given.usage && { ...given.usage, estimated: false };
    const reply = refuseEmpty(given, text.started);
    candidate.pass.done('ok');
    return { kind: 'replied', reply, attempt: describe('ok', null) };
  } catch (thrown) {
    // with nothing shown so far, whoever is asked next begins anew
    if (text.started) text.end();
    const error = asChatModelError(thrown, request.signal);
    candidate.pass.done(breakerOutcome(error));
    return { kind: 'failed', error, attempt: describe('failed', error.kind) };
  }
};
