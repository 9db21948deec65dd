import { type Dispatcher, Pool } from 'undici';
import { MAX_CONNECTIONS, MAX_HEADER_BYTES } from './limits.ts';

/** Each request has its own limit on connecting; this one ends attempts that nobody waits for any more. */
const CONNECT_CEILING_MS = 30_000;

/**
 * Servers close idle connections unannounced (uvicorn after 5 s). Ours are closed before, so that few requests meet a
 * connection that is just going.
 */
const KEEP_ALIVE_MS = 4000;

export type ConnectionOptions = {
  origin: string;
  /** Where not every address may be reached: what connects in place of a pool of our own. It is not closed by us. */
  dispatcher?: Dispatcher | undefined;
};

/** The way to one provider: many connections, one answer at a time on each. */
export class Connection {
  readonly #origin: string;
  readonly #dispatcher: Dispatcher;
  readonly #pool: Pool | null;

  constructor({ origin, dispatcher }: ConnectionOptions) {
    this.#origin = origin;
    this.#pool = dispatcher === undefined ? createPool(origin) : null;
    this.#dispatcher = dispatcher ?? this.#pool!;
  }

  /** `headers` are names and values in turn, as undici takes them fastest. */
  post(request: { path: string; headers: string[]; body: string }, handler: Dispatcher.DispatchHandler): void {
    const { path, headers, body } = request;
    this.#dispatcher.dispatch(
      {
        origin: this.#origin,
        method: 'POST',
        path,
        headers,
        body,
        // `Deadlines` watches over these.
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      handler,
    );
  }

  async close(): Promise<void> {
    await this.#pool?.close();
  }
}

const createPool = (origin: string): Pool =>
  new Pool(origin, {
    connections: MAX_CONNECTIONS,
    // One answer at a time on a connection, so that destroying it ends that answer alone.
    pipelining: 1,
    allowH2: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectTimeout: CONNECT_CEILING_MS,
  });
