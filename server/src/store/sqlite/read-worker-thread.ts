import { parentPort, workerData } from 'node:worker_threads';
import type { SQLInputValue } from 'node:sqlite';
import { type Row, SqliteConnection } from './connection.ts';

/** What the thread is asked: one compiled query. The next comes only when it was answered. */
export type ReadQuery = { sql: string; parameters: readonly unknown[]; maxRows: number };

export type ReadAnswer = { rows: Row[] } | { tooMany: true } | { error: Error };

/** Runs in the thread of `read-worker.ts`: a reading connection of its own, and one query after the other. */
const { path } = workerData as { path: string };
const connection = new SqliteConnection(path, { readOnly: true });

const answer = ({ sql, parameters, maxRows }: ReadQuery): ReadAnswer => {
  try {
    const rows: Row[] = [];
    for (const row of connection.prepare(sql).iterate(...(parameters as SQLInputValue[]))) {
      if (rows.length === maxRows) return { tooMany: true };
      rows.push(row);
    }
    return { rows };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
};

parentPort?.on('message', (query: ReadQuery) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  parentPort?.postMessage(answer(query));
});
