import { Redis, type RedisOptions } from 'ioredis';

/** One that answers no sooner is done without. */
const commandMs = 500;
const connectMs = 2_000;
const firstPauseMs = 50;
const longestPauseMs = 2_000;
/** How often a silent connection is tried. */
const lookEveryMs = 1_000;
/** A start waits so long for the first connection; without it the server runs as without Redis, and goes on trying. */
const startMs = 1_000;

export type RedisLinkOptions = {
  /** With its password: for the driver alone. */
  url: string;
  /** Begins every key and channel: installations may share a Redis. */
  prefix: string;
  /** Told once for each time that Redis goes away. */
  onLost: (error: Error) => void;
};

/**
 * The two connections to Redis: one for commands, one that is told things. Nothing waits for Redis longer than half a
 * second, and while it is away nothing is sent there at all. Errors of the driver hold what was sent, so none is handed
 * on: only their first words.
 */
export class RedisLink {
  readonly prefix: string;
  readonly commands: Redis;
  readonly told: Redis;
  readonly #onLost: (error: Error) => void;
  /** When a connection that did not answer is tried again. */
  #doubtedUntil = 0;
  #toldAnswers = false;
  #lost = false;
  #timer: NodeJS.Timeout | null = null;

  constructor({ url, prefix, onLost }: RedisLinkOptions) {
    this.prefix = prefix;
    this.#onLost = onLost;
    const options: RedisOptions = {
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: connectMs,
      commandTimeout: commandMs,
      keepAlive: 10_000,
      retryStrategy: (times) => Math.min(longestPauseMs, firstPauseMs * 2 ** times) * (0.5 + Math.random() / 2),
      // a primary that has become a replica
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
    };
    this.commands = new Redis(url, { ...options, connectionName: 'parley' });
    // what is subscribed to is subscribed to anew by whoever wants it, who also wants to know
    this.told = new Redis(url, { ...options, connectionName: 'parley-told', autoResubscribe: false });
    for (const connection of [this.commands, this.told]) {
      connection.on('error', (error: Error) => this.#lose(error.message));
      connection.on('close', () => this.#lose('the connection was closed'));
    }
    this.told.on('close', () => (this.#toldAnswers = false));
  }

  /** Begins to connect. Resolves once it is there, and soon without it. */
  async open(): Promise<void> {
    const ready = Promise.all(
      [this.commands, this.told].map(async (connection) => {
        await connection.connect();
        if (connection === this.told) this.#toldAnswers = true;
      }),
    ).catch(() => {});
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([ready, new Promise((resolve) => (timer = setTimeout(resolve, startMs)))]);
    clearTimeout(timer);
    this.#timer = setInterval(() => void this.#look(), lookEveryMs).unref();
  }

  /** True where commands are answered. */
  get answers(): boolean {
    return this.commands.status === 'ready' && performance.now() >= this.#doubtedUntil;
  }

  /** True where what is published is heard here. */
  get isTold(): boolean {
    return this.told.status === 'ready' && this.#toldAnswers;
  }

  /** A command was not answered: none is sent for a second. */
  doubt(error: unknown): void {
    this.#doubtedUntil = performance.now() + lookEveryMs;
    this.#lose(error instanceof Error ? error.message : 'unknown');
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#lost = true;
    this.commands.disconnect();
    this.told.disconnect();
  }

  async #look(): Promise<void> {
    await Promise.all([this.#lookAtCommands(), this.#lookAtTold()]);
    if (this.answers && this.isTold) this.#lost = false;
  }

  async #lookAtCommands(): Promise<void> {
    if (this.commands.status !== 'ready') return;
    try {
      await this.commands.ping();
      this.#doubtedUntil = 0;
    } catch (error) {
      this.doubt(error);
    }
  }

  async #lookAtTold(): Promise<void> {
    if (this.told.status !== 'ready') return;
    try {
      await this.told.ping();
      this.#toldAnswers = true;
    } catch (error) {
      this.#toldAnswers = false;
      this.#lose(error instanceof Error ? error.message : 'unknown');
    }
  }

  #lose(reason: string): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#onLost(new Error(`Redis is away: ${reason.slice(0, 200)}`));
  }
}
