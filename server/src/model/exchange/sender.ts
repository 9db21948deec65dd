import { ChatModelError } from '../../core/turn/chat-model.ts';
import { type Clock, systemClock } from '../../kit/clock.ts';
import type { ClientOptions } from './client-options.ts';
import { Connection } from './connection.ts';
import type { Endpoint } from './endpoint.ts';
import { Exchange, type ExchangeOptions } from './exchange.ts';
import type { ExchangeResult } from './exchange-result.ts';

/** Where one provider's requests go, and how they are sent. */
export class Sender {
  readonly #endpoint: Endpoint;
  readonly #clock: Clock;
  readonly #connection: Connection;

  constructor(endpoint: Endpoint, { dispatcher, clock }: Pick<ClientOptions, 'dispatcher' | 'clock'>) {
    this.#endpoint = endpoint;
    this.#clock = clock ?? systemClock;
    this.#connection = new Connection({ origin: endpoint.origin, dispatcher });
  }

  /** One request, and what came of it. Throws only `ChatModelError`. */
  async send(body: string, options: Omit<ExchangeOptions, 'clock'>): Promise<ExchangeResult> {
    if (options.signal.aborted) throw new ChatModelError('aborted', 'the request was aborted');
    const exchange = new Exchange({ ...options, clock: this.#clock });
    options.deadlines.enter('connect');
    const { path, headers } = this.#endpoint;
    this.#connection.post({ path, headers, body }, exchange);
    return exchange.result;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
