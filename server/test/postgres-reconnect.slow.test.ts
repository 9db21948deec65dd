import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Answer } from './api-client.ts';
import { boot, type Server } from './boot.ts';
import { runSql } from './postgres/run-sql.ts';
import { canaryPassword, TestPostgres } from './postgres/server.ts';
import { type ProviderCall, saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';
import { testSecret } from './test-database.ts';

/** The database goes away under running requests: clear answers meanwhile, and everything works again by itself. */

let postgres: TestPostgres;
let provider: ScriptedProvider;
let server: Server;
let bot: string;
let callers: ReturnType<typeof startCallers> | null = null;
let databases = 0;
let url: string;

beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.close());

beforeEach(async () => {
  provider = await startScriptedProvider(saying('An answer'));
  databases += 1;
  await runSql(postgres.url('postgres'), `create database test_${databases}`);
  url = postgres.url(`test_${databases}`);
  server = await boot({
    providerUrl: provider.url,
    plan: { messages_per_month: 1_000_000 },
    env: { DATABASE_URL: url, PARLEY_SECRET: testSecret, PARLEY_LEASE_MS: '5000' },
  });
  bot = await server.makeBot();
});
afterEach(async () => {
  await callers?.stop();
  await server.close();
  await provider.close();
});

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Callers that go on until they are told to stop; each chat call is repeated under its key until it is answered. */
const startCallers = () => {
  const answers: Answer[] = [];
  const stopping = new AbortController();
  let asked = 0;
  const note = (answer: Answer): Answer => {
    answers.push(answer);
    return answer;
  };
  const chat = async (user: string): Promise<void> => {
    while (!stopping.signal.aborted) {
      asked += 1;
      const headers = { 'idempotency-key': `${user}-${asked}` };
      const body = { bot_id: bot, user_id: user, message: 'A question' };
      for (let tries = 0; tries < 300; tries++) {
        const { status } = note(await server.send('POST', '/v1/chat', { headers, body }));
        if (status === 200) break;
        await pause(50);
      }
    }
  };
  const change = async (): Promise<void> => {
    for (let count = 0; !stopping.signal.aborted; count++) {
      note(await server.send('POST', '/v1/bots', { body: { name: `Bot ${count}`, model: 'builtin' } }));
      note(await server.send('GET', '/v1/bots'));
      note(await server.send('GET', '/v1/conversations?q=question'));
      await pause(20);
    }
  };
  const running = [chat('a'), chat('b'), chat('c'), change(), change()];
  return {
    answers,
    stop: async (): Promise<{ asked: number }> => {
      stopping.abort();
      await Promise.all(running);
      return { asked };
    },
  };
};

const startCalling = () => (callers = startCallers());

const expectClear = (answers: readonly Answer[]): void => {
  const odd = answers.filter(({ status }) => status !== 200 && status !== 201 && status !== 503);
  expect(odd.slice(0, 5).map(({ status, text }) => `${status} ${text}`)).toEqual([]);
  for (const { status, headers, body } of answers) {
    if (status !== 503) continue;
    expect(body.error.code).toBe('storage_unavailable');
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
};

/**
 * Every question made one turn, each ended, exactly those that were completed are charged, and nothing is held. A turn
 * whose server could not renew its lease in time may be interrupted, which costs nothing.
 */
const expectExact = async (asked: number): Promise<void> => {
  const open = () => runSql(url, "select id from turns where status in ('queued', 'running')");
  await expect.poll(open, { timeout: 60_000 }).toEqual([]);
  const [turns] = await runSql(
    url,
    "select count(*) as made, count(*) filter (where status = 'completed') as completed, sum(charged) as charged from turns",
  );
  expect(turns?.['made']).toBe(asked);
  expect(turns?.['charged']).toBe(turns?.['completed']);
  const { used, reserved } = (await server.send('GET', '/v1/usage')).body.messages;
  expect({ used, reserved }).toEqual({ used: turns?.['completed'], reserved: 0 });
  expect(await runSql(url, 'select sum(messages) as charged from quota_ledger')).toEqual([{ charged: used }]);
  expect(await runSql(url, 'select 1 from conversations where active_turn_id is not null')).toEqual([]);
};

const expectJobsToRun = async (): Promise<void> => {
  const source = { type: 'text', title: 'Later', text: 'The shop opens at nine.' };
  const { body } = await server.send('POST', `/v1/bots/${bot}/sources`, { body: source });
  const statusOf = async () => (await server.send('GET', `/v1/bots/${bot}/sources/${body.id}`)).body.status;
  await expect.poll(statusOf, { timeout: 30_000 }).toBe('ready');
};

it('a crash and a restart of PostgreSQL cost clear 503s, and nothing else', async () => {
  const { answers, stop } = startCalling();
  await expect.poll(() => answers.length, { timeout: 30_000 }).toBeGreaterThan(20);
  expect(answers.every(({ status }) => status < 300)).toBe(true);
  await postgres.stop('immediate');
  await expect.poll(() => answers.some(({ status }) => status === 503), { timeout: 30_000 }).toBe(true);
  const ready = await server.send('GET', '/readyz', { key: null });
  expect(ready.status).toBe(503);
  await postgres.resume();
  await expect
    .poll(async () => (await server.send('GET', '/readyz', { key: null })).status, { timeout: 30_000 })
    .toBe(200);
  const restarted = answers.length;
  await expect
    .poll(() => answers.slice(restarted).filter(({ status }) => status < 300).length, { timeout: 30_000 })
    .toBeGreaterThan(20);
  const { asked } = await stop();
  expectClear(answers);
  await expectExact(asked);
  await expectJobsToRun();
  expect(JSON.stringify(server.logged)).not.toContain(canaryPassword);
});

it('connections that are ended again and again cost clear 503s, and nothing else', async () => {
  const { answers, stop } = startCalling();
  for (let round = 0; round < 20; round++) {
    await pause(100);
    await runSql(
      url,
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`,
    );
  }
  const ended = answers.length;
  await expect
    .poll(() => answers.slice(ended).filter(({ status }) => status < 300).length, { timeout: 30_000 })
    .toBeGreaterThan(20);
  const { asked } = await stop();
  expectClear(answers);
  await expectExact(asked);
  await expectJobsToRun();
});

it('a stream goes on while PostgreSQL is away, and ends once it is back', async () => {
  const held: ProviderCall[] = [];
  provider.use((call) => void held.push(call));
  const body = { bot_id: bot, user_id: 'reader', message: 'A question', stream: true };
  const stream = await server.open('POST', '/v1/chat', { body });
  await expect.poll(() => held.length, { timeout: 30_000 }).toBe(1);
  held[0]!.say('before, ');
  await stream.until('reply.delta');
  await postgres.stop('immediate');
  held[0]!.say('meanwhile ');
  await expect.poll(() => stream.raw(), { timeout: 30_000 }).toContain('meanwhile');
  await postgres.resume();
  held[0]!.say('and after');
  held[0]!.end();
  await stream.done;
  expect(stream.events.at(-1)).toMatchObject({
    event: 'turn.completed',
    data: { reply: { content: 'before, meanwhile and after' } },
  });
  await expectExact(1);
});
