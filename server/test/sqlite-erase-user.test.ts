import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { foundInFiles } from './database-files.ts';
import { leaveTraces, tracesOf } from './leave-traces.ts';
import { saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** What the files of the database hold of a person who was erased: nothing. */

let provider: ScriptedProvider;
let server: Server;
let bot: string;

beforeEach(async () => {
  provider = await startScriptedProvider(saying('Good day.'));
  server = await boot({ providerUrl: provider.url });
  bot = await server.makeBot({ greeting: 'Welcome.', user_quota: { messages_per_month: 100 } });
});
afterEach(async () => {
  await server.stop();
  await provider.close();
  await rm(server.dataDir, { recursive: true });
});

const chat = (userId: string, message: string) =>
  server.send('POST', '/v1/chat', { body: { bot_id: bot, message, user_id: userId } });
const erase = (userId: string) => server.send('DELETE', `/v1/users/${userId}`);

/** Which of the words are in one of the files. */
const found = (words: readonly string[]): Promise<string[]> =>
  foundInFiles(server, words, ['parley.db', 'parley.db-wal']);

it('not a byte of the person, as soon as the receipt says so, and every byte of their neighbour', async () => {
  const place = { server, provider, bot };
  await leaveTraces(place, 'neighbour');
  await leaveTraces(place, 'erased');
  provider.use(saying('Good day.'));
  // both of them long enough that pages of the database fill up and part
  for (let round = 0; round < 20; round++) {
    for (const who of ['erased', 'neighbour'])
      await chat(`USER-${who}`, `MESSAGE-${who} ${'words '.repeat(round * 7)}`);
  }
  expect(await found(tracesOf('erased'))).toEqual(tracesOf('erased'));
  const { body } = await erase('USER-erased');
  const status = async () => (await server.send('GET', `/v1/erasures/${body.id}`)).body.status;
  await expect.poll(status, { timeout: 15_000 }).toBe('completed');
  expect(await found(tracesOf('erased'))).toEqual([]);
  expect(await found(tracesOf('neighbour'))).toEqual(tracesOf('neighbour'));
  await server.stop();
  const database = new DatabaseSync(join(server.dataDir, 'parley.db'), { readOnly: true });
  expect(database.prepare('pragma integrity_check').get()).toMatchObject({ integrity_check: 'ok' });
  database.close();
});

it('not the id of a person who had written in the conversation of another', async () => {
  const { body: kept } = await chat('USER-stays', 'Hello');
  await chat('USER-leaves', 'Hello');
  await server.send('POST', '/v1/users/USER-stays/link', { body: { user_id: 'USER-leaves' } });
  await server.send('POST', '/v1/chat', {
    body: { bot_id: bot, user_id: 'USER-leaves', message: 'Hello', conversation_id: kept.conversation_id },
  });
  await server.send('DELETE', '/v1/users/USER-stays/link/USER-leaves');
  expect(await found(['USER-leaves'])).toEqual(['USER-leaves']);
  const { body } = await erase('USER-leaves');
  const status = async () => (await server.send('GET', `/v1/erasures/${body.id}`)).body.status;
  await expect.poll(status, { timeout: 15_000 }).toBe('completed');
  expect(await found(['USER-leaves', 'USER-stays'])).toEqual(['USER-stays']);
});
