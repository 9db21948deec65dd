import { SqliteConnection } from '../../server/src/store/sqlite/connection.ts';
import type { Requests } from './requests.ts';
import type { Subject } from './seed.ts';
import { question } from './workload.ts';

/** Milliseconds of turns that began in each span. */
export type DeleteTimes = { before: number[]; during: number[]; after: number[]; purgeMs: number };

const spanMs = 20_000;
const warmMs = 5_000;
const purgeBudgetMs = 300_000;
const lookPauseMs = 50;
/** Users that chat; each has a conversation of its own. */
const users = 50;

/**
 * Turns of other users at a steady pace, whether or not answers come, while the conversation of so many messages is
 * deleted. What waits for a slow answer counts: each turn's time runs from the moment at which it was due.
 */
export const deleteUnderLoad = async (
  requests: Requests,
  subject: Subject,
  { databasePath, turnsPerSecond }: { databasePath: string; turnsPerSecond: number },
): Promise<DeleteTimes> => {
  const load = steadyLoad(requests, { botId: subject.botId, turnsPerSecond });
  const database = new SqliteConnection(databasePath, { readOnly: true });
  try {
    await pause(warmMs);
    const before = load.collect();
    await pause(spanMs);
    before.end();
    const during = load.collect();
    const deletedAt = performance.now();
    await requests.send({ method: 'DELETE', path: `/v1/conversations/${subject.conversationId}` });
    await purged(database, subject);
    const purgeMs = performance.now() - deletedAt;
    during.end();
    const after = load.collect();
    await pause(spanMs);
    after.end();
    await load.stop();
    return { before: before.times, during: during.times, after: after.times, purgeMs };
  } finally {
    await load.stop();
    database.close();
  }
};

const steadyLoad = (requests: Requests, { botId, turnsPerSecond }: { botId: string; turnsPerSecond: number }) => {
  let times: number[] = [];
  let sent = 0;
  const failures: unknown[] = [];
  const open = new Set<Promise<void>>();
  const startedAt = performance.now();
  const sendTurn = async (dueAt: number, kept: number[]): Promise<void> => {
    const body = { bot_id: botId, user_id: `chatting-${sent % users}`, message: question, on_busy: 'queue' };
    try {
      await requests.send({ method: 'POST', path: '/v1/chat', body });
      kept.push(performance.now() - dueAt);
    } catch (error) {
      failures.push(error);
    }
  };
  const timer = setInterval(() => {
    for (;;) {
      const dueAt = startedAt + (sent * 1000) / turnsPerSecond;
      if (dueAt > performance.now()) return;
      sent += 1;
      const turn = sendTurn(dueAt, times).finally(() => open.delete(turn));
      open.add(turn);
    }
  }, 1);
  return {
    collect() {
      const collected: number[] = [];
      times = collected;
      return {
        times: collected,
        end: () => {
          times = [];
        },
      };
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
      if (failures.length > 0) throw new Error(`${failures.length} turns failed`, { cause: failures[0] });
    },
  };
};

/** The row of the conversation is the last that a purge removes. */
const purged = async (database: SqliteConnection, { workspaceId, conversationId }: Subject): Promise<void> => {
  const giveUpAt = performance.now() + purgeBudgetMs;
  const isLeft = 'select 1 from conversations where workspace_id = ? and id = ?';
  while (database.get(isLeft, workspaceId, conversationId) !== undefined) {
    if (performance.now() > giveUpAt) throw new Error('the conversation was not purged in time');
    await pause(lookPauseMs);
  }
};

const pause = (durationMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
