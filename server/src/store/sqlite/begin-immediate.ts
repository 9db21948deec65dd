import type { SqliteConnection } from './connection.ts';

/** How long a busy database is tried again before it is given up, and the pause between two tries. */
const busyBudgetMs = 5_000;
const busyPauseMs = 10;

/**
 * Starts a writing transaction. Another process (`key create`, `backup`) may hold the database for a moment: waits for it
 * without holding the event loop.
 */
export const beginImmediate = async (connection: SqliteConnection): Promise<void> => {
  const giveUpAt = performance.now() + busyBudgetMs;
  for (;;) {
    try {
      connection.exec('begin immediate');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUpAt) throw error;
      await new Promise((resolve) => {
        setTimeout(resolve, busyPauseMs);
      });
    }
  }
};

export const isSqliteError = (error: unknown): error is Error & { errcode: number } =>
  error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR';

/** SQLITE_BUSY (5) in the low byte, with any extension. */
const isBusy = (error: unknown): boolean => isSqliteError(error) && (error.errcode & 0xff) === 5;

/** SQLITE_TOOBIG (18) and SQLITE_CONSTRAINT (19) in the low byte: the disk is well, and no other try ends differently. */
export const isRefused = (error: unknown): boolean => isSqliteError(error) && [18, 19].includes(error.errcode & 0xff);
