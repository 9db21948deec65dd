import { Client } from 'pg';
import { type ChannelListener, maxNoticeBytes, type ReplicaChannel } from '../../core/replica/replica-channel.ts';
import { newId } from '../../kit/id.ts';
import type { PostgresPool } from './connection.ts';

/** One for all processes on a database; notices do not leave it. */
const channel = 'parley_replicas';
/** A connection that answers nothing for so long is taken for dead. */
const answerMs = 5_000;
const lookEveryMs = 5_000;
/** A connection pooler may take LISTEN and never hand on a notice: it works once we have heard ourselves. */
const hearMs = 3_000;
const firstPauseMs = 100;
const longestPauseMs = 5_000;
const helloPrefix = 'hello ';

type Options = { pool: PostgresPool; url: string; listener: ChannelListener };

/** Notices of PostgreSQL (https://www.postgresql.org/docs/current/sql-notify.html) on a connection of their own. */
export const openNoticeChannel = async (options: Options): Promise<ReplicaChannel> => {
  const notices = new NoticeChannel(options);
  await notices.open();
  return notices;
};

class NoticeChannel implements ReplicaChannel {
  readonly carriesText = false;
  readonly #pool: PostgresPool;
  readonly #url: string;
  readonly #listener: ChannelListener;
  #client: Client | null = null;
  #ready = false;
  #closed = false;
  #tries = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor({ pool, url, listener }: Options) {
    this.#pool = pool;
    this.#url = url;
    this.#listener = listener;
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Resolves after the first try, whether or not it succeeded. */
  async open(): Promise<void> {
    const client = new Client({
      connectionString: this.#url,
      application_name: 'parley notices',
      connectionTimeoutMillis: answerMs,
      query_timeout: answerMs,
      keepAlive: true,
    });
    this.#client = client;
    const hello = helloPrefix + newId('node');
    let heard: (() => void) | null = null;
    client.on('error', () => this.#lose(client));
    client.on('end', () => this.#lose(client));
    client.on('notification', ({ payload = '' }) => {
      if (payload === hello) heard?.();
      else if (!payload.startsWith(helloPrefix)) this.#listener.received(payload);
    });
    try {
      await client.connect();
      await client.query(`listen ${channel}`);
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('notices of PostgreSQL do not arrive')), hearMs);
        heard = () => {
          clearTimeout(timer);
          resolve();
        };
        client.query('select pg_notify($1, $2)', [channel, hello]).catch((error: unknown) => {
          clearTimeout(timer);
          reject(error instanceof Error ? error : new Error('unknown'));
        });
      });
    } catch (error) {
      if (!this.#closed) this.#listener.failed(error);
      this.#lose(client);
      return;
    }
    if (this.#client !== client || this.#closed) return;
    this.#tries = 0;
    this.#ready = true;
    this.#timer = setTimeout(() => void this.#look(client), lookEveryMs).unref();
    this.#listener.opened();
  }

  async send(message: string): Promise<boolean> {
    if (this.#closed || Buffer.byteLength(message) > maxNoticeBytes) return false;
    try {
      await this.#pool.query('notice', 'select pg_notify($1, $2)', [channel, message]);
      return true;
    } catch {
      // the database is away, and with it what there was to tell of
      return false;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#ready = false;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#client?.end().catch(() => {});
  }

  /** A broken network says nothing by itself. */
  async #look(client: Client): Promise<void> {
    try {
      await client.query('select 1');
      if (this.#client === client && !this.#closed) {
        this.#timer = setTimeout(() => void this.#look(client), lookEveryMs).unref();
      }
    } catch {
      this.#lose(client);
    }
  }

  #lose(client: Client): void {
    if (this.#client !== client || this.#closed) return;
    this.#client = null;
    this.#ready = false;
    if (this.#timer) clearTimeout(this.#timer);
    client.end().catch(() => {});
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** this.#tries) * (0.5 + Math.random() / 2);
    this.#tries += 1;
    this.#timer = setTimeout(() => void this.open(), pauseMs).unref();
  }
}
