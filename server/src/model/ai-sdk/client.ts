import {
  type ChatModel,
  ChatModelError,
  type ChatModelReply,
  type ChatModelRequest,
} from '../../core/turn/chat-model.ts';
import { type Clock, systemClock } from '../../kit/clock.ts';
import { contextSize } from '../context-sizes.ts';
import { readBaseUrl } from '../exchange/base-url.ts';
import type { ClientOptions } from '../exchange/client-options.ts';
import { Connection } from '../exchange/connection.ts';
import { Deadlines } from '../exchange/deadlines.ts';
import { isContentFilter, mapFault } from '../exchange/map-error.ts';
import { parseFault } from '../exchange/provider-fault.ts';
import { ReplyText } from '../exchange/reply-text.ts';
import { convertToCall } from './convert-to-call.ts';
import { readParts, readWhole } from './read-reply.ts';
import { VendorExchange } from './vendor-exchange.ts';
import { type AiSdkVendor, loadVendor, type Vendor } from './vendors.ts';

/**
 * A client for a vendor that is reached by a package of the AI SDK, at the level of its language models: prompt and
 * stream are the package's, the connection, its limits and its errors are ours. Throws `Error` where URL or key cannot
 * be used.
 */
export const createAiSdk = (vendor: AiSdkVendor, options: ClientOptions): ChatModel => new AiSdk(vendor, options);

class AiSdk implements ChatModel {
  readonly #name: AiSdkVendor;
  readonly #baseUrl: string;
  readonly #origin: string;
  readonly #key: string | null;
  readonly #clock: Clock;
  readonly #connection: Connection;
  #vendor: Promise<Vendor> | null = null;

  constructor(name: AiSdkVendor, { baseUrl, key, dispatcher, clock }: ClientOptions) {
    const { origin, path, query } = readBaseUrl(baseUrl, key);
    if (query !== '') throw new Error('a provider URL of this type must have no query');
    this.#name = name;
    this.#baseUrl = origin + path;
    this.#origin = origin;
    this.#key = key;
    this.#clock = clock ?? systemClock;
    this.#connection = new Connection({ origin, dispatcher });
  }

  contextTokens(model: string): number | null {
    return contextSize(model);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async reply(request: ChatModelRequest, onText: (text: string) => void): Promise<ChatModelReply> {
    const { signal, stream } = request;
    if (signal.aborted) throw new ChatModelError('aborted', 'the request was aborted');
    const deadlines = new Deadlines(request.timeouts);
    const exchange = new VendorExchange({
      connection: this.#connection,
      origin: this.#origin,
      deadlines,
      stream,
      signal,
      clock: this.#clock,
    });
    let settled = false;
    const text = new ReplyText((piece) => {
      if (!settled) onText(piece);
    });
    try {
      const reply = await Promise.race([this.#ask(request, { exchange, text }), exchange.overdue]);
      if (exchange.failure?.kind === 'aborted') throw exchange.failure;
      return reply;
    } catch (error) {
      return this.#explain(exchange, error);
    } finally {
      settled = true;
      exchange.release();
    }
  }

  async #ask(
    request: ChatModelRequest,
    { exchange, text }: { exchange: VendorExchange; text: ReplyText },
  ): Promise<ChatModelReply> {
    this.#vendor ??= loadVendor(this.#name);
    const vendor = await this.#vendor;
    const model = vendor({ baseUrl: this.#baseUrl, key: this.#key, fetch: exchange.fetch })(request.model);
    const call = convertToCall(request);
    const options = { text, key: this.#key, onPiece: () => exchange.touch() };
    if (!request.stream) return readWhole(await model.doGenerate(call), options);
    return readParts((await model.doStream(call)).stream, options);
  }

  /** What we saw of the connection says more than what the package made of it. */
  #explain({ failure, refusal }: VendorExchange, error: unknown): ChatModelReply {
    if (failure !== null) throw failure;
    if (refusal !== null) {
      const fault = parseFault(refusal.body, refusal.status);
      if (isContentFilter(fault)) return { finishReason: 'content_filter', usage: null, citations: null };
      throw mapFault(fault, { key: this.#key, retryAfterMs: refusal.retryAfterMs });
    }
    if (error instanceof ChatModelError) throw error;
    // Its words are not shown: they may hold what was asked, and the address with the key.
    throw new ChatModelError('malformed', 'the answer could not be understood');
  }
}
