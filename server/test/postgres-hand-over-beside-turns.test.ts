import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { databaseOf } from './test-database.ts';

/** Who writes in the very moment in which their current conversation becomes another person's. */

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

const chat = async (userId: string): Promise<string> => {
  const { status, body } = await server.send('POST', '/v1/chat', {
    body: { bot_id: bot, user_id: userId, message: 'Good day.' },
  });
  expect(status).toBe(200);
  return body.conversation_id as string;
};

/** A message that waits for the conversation, which it has looked up already. */
const untilOneWaits = () =>
  expect
    .poll(async () => {
      const { rows } = await onlooker.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
          and query like '%from conversations%for update%'`,
      );
      return rows.length;
    })
    .toBe(1);

const userOf = async (conversationId: string): Promise<string> =>
  (await server.send('GET', `/v1/conversations/${conversationId}`)).body.user_id as string;

it('begins a conversation where theirs was handed over to a known user', async () => {
  const handedOver = await chat('visitor');
  await holder.query('begin');
  await holder.query(`update conversations set user_id = 'known' where id = $1`, [handedOver]);
  await holder.query(`delete from current_conversations where user_id = 'visitor'`);
  const writing = chat('visitor');
  await untilOneWaits();
  await holder.query('commit');
  const begun = await writing;
  expect(begun).not.toBe(handedOver);
  expect(await userOf(begun)).toBe('visitor');
  expect(await chat('visitor')).toBe(begun);
});

it('goes on with their own where they were taken apart from whom they shared it with', async () => {
  const own = await chat('bob');
  await chat('ann');
  expect((await server.send('POST', '/v1/users/ann/link', { body: { user_id: 'bob' } })).status).toBe(200);
  const shared = await chat('bob');
  expect(await userOf(shared)).toBe('ann');
  await holder.query('begin');
  await holder.query(`update users set person_id = user_id where user_id in ('ann', 'bob')`);
  await holder.query('update conversations set updated_at = updated_at where id = $1', [shared]);
  await holder.query(`update current_conversations set conversation_id = $1 where user_id = 'bob'`, [own]);
  const writing = chat('bob');
  await untilOneWaits();
  await holder.query('commit');
  expect(await writing).toBe(own);
});
