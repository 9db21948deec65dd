import { Pool } from 'undici';
import {
  ChatModelError,
  type ChatModel,
  type ChatModelReply,
  type ChatModelRequest,
} from '../../core/turn/chat-model.ts';
import { type Clock, systemClock } from '../../kit/clock.ts';
import { adaptTo } from './adapt.ts';
import { Answer } from './answer.ts';
import { buildBody } from './build-body.ts';
import { contextSize } from './context-sizes.ts';
import { Deadlines } from './deadlines.ts';
import { type Endpoint, readEndpoint } from './endpoint.ts';
import { Exchange } from './exchange.ts';
import type { ExchangeResult } from './exchange-result.ts';
import { MAX_ADAPTATIONS, MAX_CONNECTIONS, MAX_HEADER_BYTES } from './limits.ts';
import { isContentFilter, mapFault } from './map-error.ts';
import { parseFault } from './provider-fault.ts';
import { type Quirks, QuirkMemory } from './quirks.ts';
import { ReplyText } from './reply-text.ts';

export type OpenAiCompatibleOptions = {
  /** With the version, without `/chat/completions`: `https://api.openai.com/v1`. A query is kept. */
  baseUrl: string;
  /** Null for a server that wants none. */
  key: string | null;
  /** How connections are made, where not every address may be reached; undici's `connect`. */
  connect?: Pool.Options['connect'];
  clock?: Clock;
};

/** Each request has its own limit on connecting; this one ends attempts that nobody waits for any more. */
const CONNECT_CEILING_MS = 30_000;

/**
 * Servers close idle connections unannounced (uvicorn after 5 s). Ours are closed before, so that few requests meet a
 * connection that is just going.
 */
const KEEP_ALIVE_MS = 4000;

/**
 * A client for every server that speaks OpenAI's chat completions: OpenAI, Azure, Ollama, vLLM, llama.cpp, Groq,
 * Mistral, Gemini's compatible endpoint and others. Throws `Error` where URL or key cannot be used.
 */
export const createOpenAiCompatible = (options: OpenAiCompatibleOptions): ChatModel => new OpenAiCompatible(options);

class OpenAiCompatible implements ChatModel {
  readonly #endpoint: Endpoint;
  readonly #key: string | null;
  readonly #clock: Clock;
  readonly #pool: Pool;
  readonly #quirks = new QuirkMemory();

  constructor(options: OpenAiCompatibleOptions) {
    this.#endpoint = readEndpoint(options.baseUrl, options.key);
    this.#key = options.key;
    this.#clock = options.clock ?? systemClock;
    this.#pool = new Pool(this.#endpoint.origin, {
      connections: MAX_CONNECTIONS,
      // One answer at a time on a connection, so that destroying it ends that answer alone.
      pipelining: 1,
      allowH2: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectTimeout: CONNECT_CEILING_MS,
      // `Deadlines` watches over these.
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(options.connect == null ? {} : { connect: options.connect }),
    });
  }

  contextTokens(model: string): number | null {
    return contextSize(model);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async reply(request: ChatModelRequest, onText: (text: string) => void): Promise<ChatModelReply> {
    const deadlines = new Deadlines(request.timeouts);
    const known = this.#quirks.of(request.model);
    let quirks = known;
    // A server that refuses the form of a request is asked again in another; every round has learned something.
    for (let adaptations = 0; ; adaptations += 1) {
      const { body, sent } = buildBody(request, quirks);
      const result = await this.#exchange(request, { body, deadlines, onText });
      if (result.kind === 'replied') {
        this.#learn(request.model, { known, quirks });
        return result.reply;
      }
      const fault = parseFault(result.body, result.status);
      if (isContentFilter(fault)) return { finishReason: 'content_filter', usage: null, citations: null };
      const adapted = adaptTo(fault, quirks, sent);
      if (adapted === null || adaptations === MAX_ADAPTATIONS) {
        throw mapFault(fault, { key: this.#key, retryAfterMs: result.retryAfterMs });
      }
      quirks = adapted;
    }
  }

  /** Only what led to a reply is remembered: a server that refuses for another reason may have named anything. */
  #learn(model: string, change: { known: Quirks; quirks: Quirks }): void {
    if (change.known !== change.quirks) this.#quirks.remember(model, change.quirks);
  }

  #exchange(
    request: ChatModelRequest,
    options: { body: string; deadlines: Deadlines; onText: (text: string) => void },
  ): Promise<ExchangeResult> {
    if (request.signal.aborted) throw new ChatModelError('aborted', 'the request was aborted');
    const { deadlines } = options;
    const { signal, stream } = request;
    const answer = new Answer(new ReplyText(options.onText), this.#key);
    const exchange = new Exchange({ answer, deadlines, stream, signal, clock: this.#clock });
    deadlines.enter('connect');
    const { path, headers } = this.#endpoint;
    this.#pool.dispatch({ method: 'POST', path, headers, body: options.body }, exchange);
    return exchange.result;
  }
}
