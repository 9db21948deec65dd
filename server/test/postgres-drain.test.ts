import { Client } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';
import { databaseOf } from './test-database.ts';

/** A stop that meets a message on its way to becoming a turn. */

let provider: ScriptedProvider;
let server: Server;
let bot: string;
let other: Client;

beforeEach(async () => {
  provider = await startScriptedProvider(saying('Just in time.'));
  server = await boot({ providerUrl: provider.url, env: { PARLEY_DRAIN_MS: '20000' } });
  bot = await server.makeBot();
  const { environment } = await databaseOf(server.dataDir);
  other = new Client({ connectionString: environment['DATABASE_URL'] });
  await other.connect();
});
afterEach(async () => {
  await other.end();
  await server.close();
  await provider.close();
});

const ask = (message: string) => server.send('POST', '/v1/chat', { body: { bot_id: bot, user_id: 'ada', message } });

it('brings to its end what is being accepted in the moment of the stop', async () => {
  expect((await ask('Hello')).status).toBe(200);
  await other.query('begin; select * from conversations for update');
  const asked = ask('And now?');
  const waiting = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  await expect.poll(async () => (await other.query(waiting)).rows.length).toBe(1);
  const stopped = server.stop();
  // a stop that has nothing to wait for would be past its drain by now
  await new Promise((resolve) => setTimeout(resolve, 500));
  await other.query('commit');
  expect(await asked).toMatchObject({
    status: 200,
    body: { status: 'completed', reply: { content: 'Just in time.' } },
  });
  await stopped;
});
