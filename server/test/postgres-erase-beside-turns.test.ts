import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { databaseOf } from './test-database.ts';

/** Who is erased in the very moment in which they write. */

let server: Server;
let holder: Client;
let onlooker: Client;
let bot: string;

beforeAll(async () => {
  server = await boot();
  bot = await server.makeBot();
  const { environment } = await databaseOf(server.dataDir);
  holder = new Client({ connectionString: environment['DATABASE_URL'] });
  onlooker = new Client({ connectionString: environment['DATABASE_URL'] });
  await holder.connect();
  await onlooker.connect();
});
afterAll(async () => {
  await holder.end();
  await onlooker.end();
  await server.close();
});

const chat = (userId: string) =>
  server.send('POST', '/v1/chat', {
    body: { bot_id: bot, user_id: userId, message: 'Good day.', new_conversation: true },
  });
const numberOf = async (table: string, userId: string): Promise<number> =>
  (await onlooker.query(`select 1 from ${table} where user_id = $1`, [userId])).rows.length;

/** Whoever erases the user waits behind this, with the conversations marked and the user's row still there. */
const holdKey = async (userId: string): Promise<void> => {
  await holder.query('begin');
  await holder.query('select 1 from idempotency_keys where subject_id = $1 for update', [`user:live:${userId}`]);
};

/** The transaction that waits there: whether it runs beside others of its kind, or alone. Null where none waits. */
const findWaiting = async (): Promise<string | null> => {
  const { rows } = await onlooker.query<{ mode: string }>(
    `select held.mode from pg_stat_activity waiting
      join pg_locks held on held.pid = waiting.pid and held.locktype = 'advisory' and held.granted
      where waiting.datname = current_database() and waiting.wait_event_type = 'Lock'
        and waiting.query like 'delete from "idempotency_keys"%'`,
  );
  return rows[0]?.mode ?? null;
};
const waiting = async (): Promise<string> => {
  await expect.poll(findWaiting, { timeout: 5_000, interval: 5 }).not.toBeNull();
  return (await findWaiting()) ?? 'gone';
};

/** As its answer asks for: where others were in the way nothing was changed. */
const erase = async (userId: string): Promise<number> => {
  for (;;) {
    const { status } = await server.send('DELETE', `/v1/users/${userId}`);
    if (status !== 503) return status;
  }
};

it('has no conversation left that began meanwhile, however often the erasure had to begin anew', async () => {
  // known, without a conversation so far, and with an answer that is kept for a repeated request
  for (const user of ['ada', 'bob']) await server.send('PATCH', `/v1/users/${user}`, { body: {} });
  const link = { body: { user_id: 'bob' }, headers: { 'idempotency-key': 'erased-beside-turns' } };
  expect((await server.send('POST', '/v1/users/ada/link', link)).status).toBe(200);
  expect((await server.send('DELETE', '/v1/users/ada/link/bob')).status).toBe(200);
  await holdKey('ada');
  const erasing = erase('ada');
  for (let mode = ''; mode !== 'ExclusiveLock';) {
    mode = await waiting();
    expect((await chat('ada')).status).toBe(200);
    await holder.query('commit');
    // the erasure has met the user's row by then, and lets go of everything
    if (mode !== 'ExclusiveLock') await holdKey('ada');
  }
  expect([200, 202]).toContain(await erasing);
  expect((await server.send('GET', '/v1/users/ada')).status).toBe(404);
  expect(await numberOf('current_conversations', 'ada')).toBe(0);
  await expect.poll(() => numberOf('conversations', 'ada')).toBe(0);
});
