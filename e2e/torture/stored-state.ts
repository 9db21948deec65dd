import { DatabaseSync } from 'node:sqlite';
import { runSql } from '../../server/test/postgres/run-sql.ts';

/** The other half of the truth: what lies in the database, read past the program. */

/** For the server's own writes. */
const busyTimeoutMs = 5_000;

export type Query = <Row>(sql: string) => Promise<Row[]>;

export const sqliteQuery =
  (path: string): Query =>
  <Row>(sql: string) => {
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
    try {
      return Promise.resolve(database.prepare(sql).all() as Row[]);
    } finally {
      database.close();
    }
  };

export const postgresQuery =
  (url: string): Query =>
  async <Row>(sql: string) =>
    (await runSql(url, sql)) as Row[];

export type StoredMessage = {
  turn_id: string | null;
  conversation_id: string;
  seq: number;
  role: string;
  text: string;
};
export type StoredTurn = { id: string; status: string; attempt: number; charged: number; error_code: string | null };
export type StoredCounter = { owner_id: string; used: number; reserved: number; hard_limit: number | null };

export type StoredState = {
  messages: StoredMessage[];
  turns: StoredTurn[];
  counters: StoredCounter[];
  ledger: { owner_id: string; turn_id: string; messages: number }[];
  keys: { key: string; subject_id: string }[];
  /** Events and deliveries that wait. */
  undelivered: number;
};

export const readState = async (query: Query): Promise<StoredState> => ({
  messages: await query('select turn_id, conversation_id, seq, role, text from messages order by conversation_id, seq'),
  turns: await query('select id, status, attempt, charged, error_code from turns'),
  counters: await query('select owner_id, used, reserved, hard_limit from quota_periods'),
  ledger: await query('select owner_id, turn_id, messages from quota_ledger'),
  keys: await query("select key, subject_id from idempotency_keys where route = 'sendMessage'"),
  undelivered: await countUndelivered(query),
});

/** As if the 20 seconds were over for which a process that died had claimed its deliveries. */
export const letClaimsRunOut = async (query: Query): Promise<void> => {
  await query("update webhook_deliveries set next_attempt_at = 1 where status = 'pending'");
};

export const countOpenTurns = async (query: Query): Promise<number> =>
  count(await query("select count(*) as n from turns where status in ('queued', 'running')"));

export const countUndelivered = async (query: Query): Promise<number> =>
  count(await query('select count(*) as n from outbox')) +
  count(await query("select count(*) as n from webhook_deliveries where status = 'pending'"));

const count = ([row]: { n: number }[]): number => row?.n ?? 0;
