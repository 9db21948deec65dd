import { afterEach, beforeEach, expect, it } from 'vitest';
import { apiClient } from './api-client.ts';
import { commandLine, type RunningServer } from './command-line.ts';
import { databaseOf, type TestDatabase } from './test-database.ts';
import { type ProviderCall, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** A server that sleeps past its lease, and wakes while another runs its turn. */

let provider: ScriptedProvider;
let held: ProviderCall[];
let sleeper: ReturnType<typeof commandLine>;
let other: ReturnType<typeof commandLine>;
let database: TestDatabase;

beforeEach(async () => {
  held = [];
  provider = await startScriptedProvider((call) => void held.push(call));
  sleeper = commandLine();
  other = commandLine();
  database = await databaseOf(sleeper.folder);
});
afterEach(async () => {
  // one that stands still ends by SIGKILL too
  await sleeper.cleanUp();
  await other.cleanUp();
  await database.drop();
  await provider.close();
});

const serve = (parley: ReturnType<typeof commandLine>): Promise<RunningServer> =>
  parley.serve({ PARLEY_PROVIDER_TEST_URL: provider.url, ...database.environment, PARLEY_LEASE_MS: '1500' });

const turns = () => database.query('select status, attempt, fence, partial_text from turns');
const replies = () => database.query("select text from messages where role = 'assistant'");

it.each([
  { how: 'has the whole reply', ends: true },
  { how: 'has more of it to store', ends: false },
])('writes nothing where it $how when it wakes', async ({ ends }) => {
  const first = await serve(sleeper);
  const key = /prl_live_\w+/.exec(first.output())?.[0] ?? '';
  const client = apiClient(first.url, key);
  const { body: bot } = await client.send('POST', '/v1/bots', { body: { name: 'Bot', model: 'test/any' } });
  const second = await serve(other);
  const stream = await client.open('POST', '/v1/chat', {
    body: { bot_id: bot.id, user_id: 'ada', message: 'one', stream: true },
  });
  const { turn_id: turnId } = (await stream.until('turn.started')).data;
  await expect.poll(() => held.length, { timeout: 20_000 }).toBe(1);
  first.signal('SIGSTOP');
  await expect.poll(() => held.length, { timeout: 60_000 }).toBe(2);
  expect(await turns()).toEqual([{ status: 'running', attempt: 2, fence: 2, partial_text: null }]);
  held[0]?.say('What the sleeper was told');
  if (ends) held[0]?.end();
  first.signal('SIGCONT');
  // whoever finds its result refused, or its lease lost, leads its readers on to where the turn runs
  expect((await stream.until('reply.reset')).id).toBe('2-0');
  expect(stream.events.map(({ event }) => event)).not.toContain('turn.completed');
  expect(await turns()).toEqual([{ status: 'running', attempt: 2, fence: 2, partial_text: null }]);
  expect(await replies()).toEqual([]);
  held[1]?.say('What the other says');
  held[1]?.end();
  const resumed = await apiClient(second.url, key).open('GET', `/v1/turns/${turnId}/stream?after=1-1`);
  await resumed.done;
  expect(resumed.events[0]).toMatchObject({ id: '2-0', event: 'reply.reset' });
  expect(resumed.events.at(-1)).toMatchObject({
    event: 'turn.completed',
    data: { reply: { content: 'What the other says' } },
  });
  await stream.done;
  const afterReset = stream.events.slice(stream.events.findIndex(({ event }) => event === 'reply.reset') + 1);
  const deltas = afterReset.filter(({ event }) => event === 'reply.delta');
  expect(deltas.map(({ data }) => data.text).join('')).toBe('What the other says');
  expect(afterReset.at(-1)).toMatchObject({ event: 'turn.completed', data: resumed.events.at(-1)?.data });
  expect(await replies()).toEqual([{ text: 'What the other says' }]);
  expect(await database.query('select messages from quota_ledger')).toEqual([{ messages: 1 }]);
  expect((await client.send('GET', `/v1/turns/${turnId}`)).body).toMatchObject({
    reply: { content: 'What the other says' },
  });
});
