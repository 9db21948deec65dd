import { ChatModelError } from '../../core/turn/chat-model.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Connection } from '../exchange/connection.ts';
import type { Deadlines } from '../exchange/deadlines.ts';
import type { ExchangeResult } from '../exchange/exchange-result.ts';
import { VendorResponse } from './vendor-response.ts';

/** Requests that a package may make for one reply: Gemini has some replies fetched in several parts. */
const MAX_REQUESTS = 8;

/** How long a package may take to see that its answer has ended; then it is left alone with it. */
const GRACE_MS = 500;

/** Headers that are ours to say: nothing packed is taken, undici counts the length, and nobody need know what we run on. */
const ownHeaders: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'host',
  'user-agent',
]);

export type VendorExchangeOptions = {
  connection: Connection;
  /** The only one that a package may ask: it holds the provider's key. */
  origin: string;
  deadlines: Deadlines;
  stream: boolean;
  signal: AbortSignal;
  clock: Clock;
};

/**
 * The requests of one reply, made by a vendor's package through a fetch that is ours: limits on time and size, the
 * abort, and what failed, are seen here and not by the package.
 */
export class VendorExchange {
  readonly #options: VendorExchangeOptions;
  readonly #abort = (): void => this.#fail(new ChatModelError('aborted', 'the request was aborted'));
  #response: VendorResponse | null = null;
  #requests = 0;
  /** What ended the exchange first, where something did. */
  failure: ChatModelError | null = null;
  refusal: Extract<ExchangeResult, { kind: 'refused' }> | null = null;
  /** Rejects where a package does not come to its end although its answer has. */
  readonly overdue: Promise<never>;
  #rejectOverdue!: (error: ChatModelError) => void;
  #grace: NodeJS.Timeout | null = null;

  constructor(options: VendorExchangeOptions) {
    this.#options = options;
    this.overdue = new Promise((_resolve, reject) => {
      this.#rejectOverdue = reject;
    });
    // Mostly nobody waits for it any more.
    this.overdue.catch(() => undefined);
    options.deadlines.watch((phase) => {
      if (this.#response?.expire() === true) return;
      this.#fail(new ChatModelError('timeout', `no answer within the limit (${phase})`));
    });
    options.signal.addEventListener('abort', this.#abort, { once: true });
    // The limit on the whole holds before the package has asked for anything, too.
    options.deadlines.enter('whole');
  }

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const { connection, origin, deadlines, stream, clock } = this.#options;
    const url = new URL(input instanceof Request ? input.url : input);
    const body = init?.body;
    this.#requests += 1;
    if (this.failure !== null) throw this.failure;
    if (url.origin !== origin || typeof body !== 'string' || this.#requests > MAX_REQUESTS) {
      const error = new ChatModelError('malformed', "the vendor's package asked for what it may not");
      this.#fail(error);
      throw error;
    }
    const response = new VendorResponse({
      deadlines,
      stream,
      clock,
      onRefused: (refusal) => {
        this.refusal ??= refusal;
      },
      onFailed: (error) => {
        this.failure ??= error;
      },
    });
    this.#response = response;
    deadlines.enter('connect');
    const headers = ['accept-encoding', 'identity', 'user-agent', 'parley'];
    for (const [name, value] of new Headers(init?.headers)) if (!ownHeaders.has(name)) headers.push(name, value);
    connection.post({ path: url.pathname + url.search, headers, body }, response);
    return response.response;
  };

  /** A piece of text or thinking has come. */
  touch(): void {
    const { deadlines } = this.#options;
    if (deadlines.phase === 'idle') deadlines.touch();
    else if (deadlines.phase === 'first_token') deadlines.enter('idle');
  }

  /** Ends what is still open. */
  release(): void {
    this.#options.deadlines.clear();
    if (this.#grace !== null) clearTimeout(this.#grace);
    this.#options.signal.removeEventListener('abort', this.#abort);
    this.#response?.drop();
  }

  #fail(error: ChatModelError): void {
    this.failure ??= error;
    this.#grace ??= setTimeout(() => this.#rejectOverdue(error), GRACE_MS);
    this.#response?.drop();
  }
}
