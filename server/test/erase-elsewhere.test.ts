import { afterEach, beforeEach, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { makePublishableKey, makeUserTokenSecret, openPage, signUserToken } from './web-page.ts';

/** What a person who is erased has left in what is not theirs, and under the name they had before they were known. */

let server: Server;
let bot: string;

beforeEach(async () => {
  server = await boot();
  bot = await server.makeBot({ user_quota: { messages_per_month: 100 } });
});
afterEach(async () => {
  await server.close();
});

const chat = (userId: string, message: string, more: Record<string, unknown> = {}) =>
  server.send('POST', '/v1/chat', { body: { bot_id: bot, user_id: userId, message, ...more } });

/** Erases and waits for the end; gives the receipt. */
const erase = async (userId: string) => {
  const { body } = await server.send('DELETE', `/v1/users/${userId}`);
  const receipt = async () => (await server.send('GET', `/v1/erasures/${body.id}`)).body;
  await expect.poll(async () => (await receipt()).status).toBe('completed');
  return receipt();
};

/** Where in the rows of the database the word is, whatever the table. */
const placesOf = async (word: string): Promise<string[]> => {
  const places: string[] = [];
  for (const table of await server.tables()) {
    for (const row of await server.query(`select * from "${table}"`)) {
      for (const [column, value] of Object.entries(row)) {
        const text = value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value);
        if (text.includes(word)) places.push(`${table}.${column}`);
      }
    }
  }
  return [...new Set(places)].toSorted();
};

it('is not the id under which they wrote in the conversation of somebody they had been linked to', async () => {
  const { body: kept } = await chat('STAYS', 'Hello');
  await chat('LEAVES', 'Hello');
  await server.send('POST', '/v1/users/STAYS/link', { body: { user_id: 'LEAVES' } });
  const { body: turn } = await chat('LEAVES', 'What I said there.', { conversation_id: kept.conversation_id });
  await server.send('DELETE', '/v1/users/STAYS/link/LEAVES');
  expect(await placesOf('LEAVES')).toContain('turns.quota_owners');
  await erase('LEAVES');
  expect(await placesOf('LEAVES')).toEqual([]);
  // what was said there belongs to the conversation, and so to whoever began it
  expect(await placesOf('What I said there.')).toContain('messages.text');
  const { body: found } = await server.send('GET', `/v1/turns/${turn.id}`);
  expect(found).toMatchObject({ user_id: 'STAYS', usage: { messages: 1 } });
  expect((await server.send('GET', '/v1/usage')).body.messages.used).toBe(3);
});

it('is not the visitor who they were before they were known', async () => {
  const { secret: key } = await makePublishableKey(server, bot);
  const { secret } = await makeUserTokenSecret(server, bot);
  const [page, other] = [openPage(server.url, key), openPage(server.url, key)];
  const { body: first } = await page.chat('Hello');
  const { body: neighbour } = await other.chat('Hello');
  page.userToken = await signUserToken(secret, { sub: 'KNOWN', bot_id: bot });
  expect((await page.chat('It is me')).body.conversation_id).toBe(first.conversation_id);
  expect(await placesOf(first.user_id)).toEqual(expect.arrayContaining(['quota_ledger.owner_id', 'users.user_id']));
  const receipt = await erase('KNOWN');
  expect(receipt).toMatchObject({ users: 2, conversations: 1 });
  expect([await placesOf('KNOWN'), await placesOf(first.user_id)]).toEqual([[], []]);
  expect(await placesOf(neighbour.user_id)).toEqual(expect.arrayContaining(['quota_ledger.owner_id', 'users.user_id']));
});

it('is not a visitor who was linked to somebody else since', async () => {
  const { secret: key } = await makePublishableKey(server, bot);
  const { secret } = await makeUserTokenSecret(server, bot);
  const page = openPage(server.url, key);
  const { body: first } = await page.chat('Hello');
  page.userToken = await signUserToken(secret, { sub: 'KNOWN', bot_id: bot });
  await page.chat('It is me');
  await chat('FRIEND', 'Hello');
  await server.send('POST', '/v1/users/FRIEND/link', { body: { user_id: first.user_id } });
  expect(await erase('KNOWN')).toMatchObject({ users: 1 });
  expect((await server.send('GET', `/v1/users/${first.user_id}`)).status).toBe(200);
});
