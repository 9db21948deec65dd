import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { foundInFiles } from './database-files.ts';
import { saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** What the files of the database hold of a person who was erased: nothing, also where that takes longer. */

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

const at = (userId: string): string => `/v1/users/${encodeURIComponent(userId)}`;
const erase = (userId: string) => server.send('DELETE', at(userId));
const receipt = async (id: string) => (await server.send('GET', `/v1/erasures/${id}`)).body;

/** Which of the words are in one of the files. */
const found = (words: readonly string[]): Promise<string[]> =>
  foundInFiles(server, words, ['parley.db', 'parley.db-wal']);

it('of more than a request may wait for is answered at once and completed later', async () => {
  const { body: made } = await server.send('POST', '/v1/conversations', { body: { bot_id: bot, user_id: 'large' } });
  const messages = Array.from({ length: 500 }, (_, n) => ({
    role: 'user',
    content: `BULK-${n} ${'words '.repeat(50)}`,
  }));
  for (let call = 0; call < 24; call++) {
    await server.send('POST', `/v1/conversations/${made.id}/messages`, { body: { messages } });
  }
  const { status, body } = await erase('large');
  expect([200, 202]).toContain(status);
  expect(await server.send('GET', at('large'))).toMatchObject({ status: 404 });
  await expect.poll(async () => (await receipt(body.id)).status, { timeout: 15_000 }).toBe('completed');
  expect(await receipt(body.id)).toMatchObject({ conversations: 1, messages: 12_001, turns: 0 });
  expect(await found(['BULK-'])).toEqual([]);
});

it('goes on after the server was stopped in the middle', async () => {
  const { body: made } = await server.send('POST', '/v1/conversations', { body: { bot_id: bot, user_id: 'cut' } });
  const messages = Array.from({ length: 500 }, (_, n) => ({
    role: 'user',
    content: `CUT-${n} ${'words '.repeat(50)}`,
  }));
  for (let call = 0; call < 12; call++) {
    await server.send('POST', `/v1/conversations/${made.id}/messages`, { body: { messages } });
  }
  const answering = erase('cut').catch(() => null);
  await expect.poll(async () => (await server.send('GET', at('cut'))).status).toBe(404);
  await server.stop();
  await answering;
  const { key } = server;
  server = await boot({ providerUrl: provider.url, dataDir: server.dataDir });
  const rows = await server.query('select id from erasures');
  expect(rows).toHaveLength(1);
  const path = `/v1/erasures/${String(rows[0]?.['id'])}`;
  const read = async () => (await server.send('GET', path, { key })).body;
  await expect.poll(async () => (await read()).status, { timeout: 15_000 }).toBe('completed');
  expect(await read()).toMatchObject({ conversations: 1, messages: 6_001 });
  expect(await found(['CUT-'])).toEqual([]);
});
