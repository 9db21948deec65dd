import { afterAll, beforeAll, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { type ProviderCall, saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** Who is erased while their message is being answered in somebody else's conversation. */

let provider: ScriptedProvider;
let server: Server;

beforeAll(async () => {
  provider = await startScriptedProvider(saying('Good day.'));
  server = await boot({ providerUrl: provider.url, env: { PARLEY_LEASE_MS: '3000' } });
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

it('has the turn ended for whoever waits for it, and the next one answered', async () => {
  const bot = await server.makeBot({ user_quota: { messages_per_month: 100 } });
  const chat = (userId: string, fields: object = {}) =>
    server.send('POST', '/v1/chat', { body: { bot_id: bot, user_id: userId, message: 'Hello', ...fields } });
  const { body: first } = await chat('bob');
  const { conversation_id } = first as { conversation_id: string };
  await chat('ann');
  await server.send('POST', '/v1/users/bob/link', { body: { user_id: 'ann' } });
  const calls: ProviderCall[] = [];
  provider.use((call) => void calls.push(call));
  const ofAnn = chat('ann', { conversation_id });
  await expect.poll(() => calls.length).toBe(1);
  provider.use(saying('An answer'));
  const ofBob = chat('bob', { conversation_id, on_busy: 'queue' });
  const waiting = async () => (await server.query(`select id from turns where status = 'queued'`)).length;
  await expect.poll(waiting).toBe(1);
  expect((await server.send('DELETE', '/v1/users/bob/link/ann')).status).toBe(200);

  expect([200, 202]).toContain((await server.send('DELETE', '/v1/users/ann')).status);
  expect((await ofAnn).body).toMatchObject({ object: 'turn', status: 'cancelled', reply: null });
  expect((await ofBob).body).toMatchObject({ status: 'completed', reply: { content: 'An answer' } });
  // one who comes back has a quota of their own, and can be erased again
  expect((await chat('ann')).body).toMatchObject({ status: 'completed' });
  const counters = await server.query(
    `select owner_id, used, reserved from quota_periods where owner_id like 'user:%' order by owner_id`,
  );
  expect(counters.map(({ owner_id, used, reserved }) => [owner_id, Number(used), Number(reserved)])).toEqual([
    ['user:ann', 1, 0],
    ['user:bob', 2, 0],
  ]);
  for (const userId of ['ann', 'bob']) {
    expect([200, 202]).toContain((await server.send('DELETE', `/v1/users/${userId}`)).status);
  }
});
