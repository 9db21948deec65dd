import { afterAll, beforeAll, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { foundInFiles } from './database-files.ts';
import { saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** What the files of the database hold of a deleted client workspace: nothing. And of its neighbour: everything. */

let provider: ScriptedProvider;
let server: Server;
beforeAll(async () => {
  provider = await startScriptedProvider(saying('Good day.'));
  server = await boot({ providerUrl: provider.url });
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

const pieces = [
  'BRANDING',
  'METADATA',
  'BOT',
  'INSTRUCTIONS',
  'KEYNAME',
  'SOURCE',
  'PASSAGE',
  'USER',
  'MESSAGE',
  'REPLY',
];
const wordsOf = (who: string): string[] => pieces.map((piece) => `${piece}-${who}`);

const makeFullClient = async (who: string): Promise<string> => {
  const { body: client } = await server.send('POST', '/v1/workspaces', {
    headers: { 'idempotency-key': `made-${who}` },
    body: { name: who, branding: { colour: `BRANDING-${who}` }, metadata: { note: `METADATA-${who}` } },
  });
  const headers = { 'parley-workspace': client.id as string };
  const { body: bot } = await server.send('POST', '/v1/bots', {
    headers: { ...headers, 'idempotency-key': `bot-${who}` },
    body: { name: `BOT-${who}`, instructions: `INSTRUCTIONS-${who}`, model: 'test/any' },
  });
  await server.send('POST', '/v1/keys', { headers, body: { name: `KEYNAME-${who}`, scopes: ['chat'] } });
  const source = { type: 'text', title: `SOURCE-${who}`, text: `PASSAGE-${who} tells of delivery.` };
  await server.send('POST', `/v1/bots/${bot.id}/sources`, { headers, body: source });
  provider.use(saying(`REPLY-${who} is what the bot said.`));
  const message = { bot_id: bot.id, message: `MESSAGE-${who}`, user_id: `USER-${who}` };
  const chat = await server.send('POST', '/v1/chat', { headers, body: message });
  expect(chat.status).toBe(200);
  return client.id as string;
};

/** Which of the words are in any of the database's files. */
const found = (words: readonly string[]): Promise<string[]> => foundInFiles(server, words);

it('no word of it is left, once its deletion has come to its end', async () => {
  const leaving = await makeFullClient('leaving');
  await makeFullClient('staying');
  expect(await found(wordsOf('leaving'))).toEqual(wordsOf('leaving'));
  const deleted = await server.send('DELETE', `/v1/workspaces/${leaving}?confirm=leaving`);
  expect(deleted.status).toBe(200);
  await expect.poll(() => found(wordsOf('leaving')), { timeout: 15_000 }).toEqual([]);
  expect(await found(wordsOf('staying'))).toEqual(wordsOf('staying'));
});
