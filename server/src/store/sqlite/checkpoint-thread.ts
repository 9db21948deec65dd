import { parentPort, workerData } from 'node:worker_threads';
import { SqliteConnection } from './connection.ts';

/** Runs in the thread of `checkpointer.ts`: one checkpoint for each message, which hinders nobody. */
const { path } = workerData as { path: string };
const connection = new SqliteConnection(path, { readOnly: false });

parentPort?.on('message', () => {
  try {
    connection.get('pragma wal_checkpoint(passive)');
  } finally {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    parentPort?.postMessage(null);
  }
});
