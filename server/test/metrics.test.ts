import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '../src/kit/id.ts';
import { boot, type Server } from './boot.ts';
import { projectRoot } from './documentation.ts';
import { readMetrics } from './read-metrics.ts';
import { saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';
import { storeKind } from './test-database.ts';
import { startReceiver } from './webhook-receiver.ts';

/** What an operator sees of a server from outside. */

const token = 'metrics-token-of-a-test';

let failing: ScriptedProvider;
let good: ScriptedProvider;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let server: Server;

beforeAll(async () => {
  failing = await startScriptedProvider((call) => call.fail(500));
  good = await startScriptedProvider(saying('We do.'));
  receiver = await startReceiver(() => ({ status: 410 }));
  server = await boot({
    providerUrl: good.url,
    env: {
      PARLEY_METRICS_TOKEN: token,
      PARLEY_PROVIDER_FAILING_URL: failing.url,
      PARLEY_OUTBOUND_ALLOW: receiver.origin,
    },
  });
});
afterAll(async () => {
  await server.close();
  await receiver.close();
  await failing.close();
  await good.close();
});

const metrics = () => readMetrics(server.url, token);
const figure = async (series: string): Promise<number> => (await metrics()).get(series) ?? NaN;
/** How much each of the series has grown while `work` went on. */
const growth = async (series: readonly string[], work: () => Promise<void>): Promise<number[]> => {
  const before = await metrics();
  await work();
  const after = await metrics();
  return series.map((name) => (after.get(name) ?? 0) - (before.get(name) ?? 0));
};
const ask = (bot: string, fields: object = {}) =>
  server.send('POST', '/v1/chat', { body: { bot_id: bot, message: 'Do you ship?', ...fields } });

it('a turn, a model that fails and the one in its place, and what they used are counted', async () => {
  const bot = await server.makeBot({ model: 'failing/any', fallback_models: ['test/any'] });
  const series = [
    'parley_turns_total{outcome="completed"}',
    'parley_turn_duration_seconds_count{outcome="completed"}',
    'parley_model_calls_total{provider="failing",outcome="unavailable"}',
    'parley_model_calls_total{provider="test",outcome="ok"}',
    'parley_model_call_duration_seconds_count{provider="failing"}',
    'parley_model_first_token_seconds_count{provider="failing"}',
    'parley_model_first_token_seconds_count{provider="test"}',
    'parley_model_retries_total{provider="failing"}',
    'parley_model_fallbacks_total{provider="failing"}',
    'parley_model_fallbacks_total{provider="test"}',
    'parley_model_tokens_total{provider="test",direction="input"}',
    'parley_model_tokens_total{provider="test",direction="output"}',
  ];
  const grown = await growth(series, async () => {
    expect((await ask(bot)).body).toMatchObject({ status: 'completed', model: 'test/any' });
  });
  expect(grown).toEqual([1, 1, 2, 1, 2, 0, 1, 1, 1, 0, 100, 7]);

  const alone = await server.makeBot({ model: 'failing/any' });
  const failures = ['parley_turns_total{outcome="failed"}', 'parley_turn_failures_total{code="model_unavailable"}'];
  const failed = await growth(failures, async () => {
    expect((await ask(alone)).status).toBe(503);
  });
  expect(failed).toEqual([1, 1]);
});

it('a model that keeps failing shows as one that is not asked', async () => {
  const bot = await server.makeBot({ model: 'failing/other', fallback_models: ['failing/third'] });
  expect(await figure('parley_model_breakers_open{provider="failing"}')).toBe(0);
  for (let turns = 0; turns < 6; turns += 1) await ask(bot);
  expect(await figure('parley_model_breakers_open{provider="failing"}')).toBe(2);
  expect(await figure('parley_model_calls_total{provider="failing",outcome="skipped"}')).toBeGreaterThan(0);
});

it('a refused message is counted by its code, and is no turn', async () => {
  const small = await boot({
    providerUrl: good.url,
    plan: { messages_per_month: 1 },
    env: { PARLEY_METRICS_TOKEN: token },
  });
  try {
    const bot = await small.makeBot();
    for (const status of [200, 429]) {
      const answer = await small.send('POST', '/v1/chat', { body: { bot_id: bot, message: 'Do you ship?' } });
      expect(answer.status).toBe(status);
    }
    const told = await readMetrics(small.url, token);
    expect(told.get('parley_http_refusals_total{code="quota_exceeded"}')).toBe(1);
    expect(told.get('parley_http_refusals_total{code="rate_limited"}')).toBe(0);
    expect(told.get('parley_turns_total{outcome="completed"}')).toBe(1);
  } finally {
    await small.close();
  }
});

it('a turn that waits for its conversation tells for how long', async () => {
  const keyed = await boot({ providerUrl: good.url, env: { PARLEY_METRICS_TOKEN: token } });
  try {
    const held = Promise.withResolvers<void>();
    good.use(async (call) => {
      await held.promise;
      call.say('Yes.');
      call.end();
    });
    const bot = await keyed.makeBot();
    const send = (message: string) =>
      keyed.send('POST', '/v1/chat', {
        body: { bot_id: bot, user_id: 'one', message, on_busy: 'queue' },
        headers: { prefer: 'respond-async' },
      });
    await send('First?');
    const second = await send('Second?');
    expect(second.body.status).toBe('queued');
    held.resolve();
    const read = async () => (await readMetrics(keyed.url, token)).get('parley_turn_wait_seconds_count');
    await expect.poll(read).toBe(1);
  } finally {
    good.use(saying('We do.'));
    await keyed.close();
  }
});

it('a turn that another server has left tells why it was taken up', async () => {
  const options = { providerUrl: good.url, env: { PARLEY_METRICS_TOKEN: token, PARLEY_DRAIN_MS: '0' } };
  const first = await boot(options);
  good.use(() => {});
  const bot = await first.makeBot();
  const message = { body: { bot_id: bot, message: 'Do you ship?' }, headers: { prefer: 'respond-async' } };
  expect((await first.send('POST', '/v1/chat', message)).status).toBe(202);
  await first.stop();
  good.use(saying('We do.'));
  const second = await boot({ ...options, dataDir: first.dataDir });
  try {
    const told = () => readMetrics(second.url, token);
    await expect.poll(async () => (await told()).get('parley_turns_total{outcome="completed"}')).toBe(1);
    expect((await told()).get('parley_turn_takeovers_total{reason="released"}')).toBe(1);
    expect((await told()).get('parley_turn_takeovers_total{reason="expired"}')).toBe(0);
  } finally {
    await second.close();
  }
});

it('a job that is given up, and those that wait, are seen', async () => {
  const soon = Date.now() + 60 * 60 * 1_000;
  const past = Date.now() - 1_000;
  const add = (kind: string, runAt: number, attempts: number) =>
    server.write(
      `insert into jobs (id, workspace_id, kind, payload, status, run_at, fence, attempts, created_at)
      values ('${newId('job')}', null, '${kind}', '{}', 'waiting', ${runAt}, 0, ${attempts}, ${past})`,
    );
  await add('purge-source', past, 8);
  await add('purge-source', soon, 0);
  // of a newer server beside this one
  await add('made-up-kind', soon, 0);
  await expect.poll(() => figure('parley_job_failures_total{kind="purge-source",outcome="given_up"}')).toBe(1);
  // figures of the database are kept for ten seconds
  const dead = () => figure('parley_jobs_dead{kind="purge-source"}');
  await expect.poll(dead, { timeout: 30_000, interval: 500 }).toBe(1);
  expect(await figure('parley_jobs_waiting{kind="purge-source"}')).toBe(1);
  expect(await figure('parley_jobs_waiting{kind="other"}')).toBe(1);
  expect(await figure('parley_jobs_dead{kind="erase-user"}')).toBe(0);
  expect(await figure('parley_jobs_oldest_due_seconds')).toBeGreaterThanOrEqual(0);
});

it('a webhook that fails for good, and one that is to be tried again, are seen', async () => {
  const endpoint = (path: string) =>
    server.send('POST', '/v1/webhook_endpoints', { body: { url: receiver.origin + path, events: ['turn.completed'] } });
  const gone = (await endpoint('/gone')).body;
  const failed = () => figure('parley_webhook_attempts_total{outcome="failed"}');
  const before = await failed();
  await server.send('POST', `/v1/webhook_endpoints/${gone.id}/test`);
  await expect.poll(failed).toBe(before + 1);
  receiver.use(() => ({ status: 500 }));
  expect((await endpoint('/busy')).status).toBe(201);
  await ask(await server.makeBot());
  await expect.poll(() => figure('parley_webhook_attempts_total{outcome="retried"}')).toBe(1);
  const pending = () => figure('parley_webhook_deliveries_pending');
  await expect.poll(pending, { timeout: 30_000, interval: 500 }).toBe(1);
  expect(await figure('parley_webhook_oldest_pending_seconds')).toBeGreaterThan(0);
});

it('the store tells of its own work', async () => {
  const told = await metrics();
  const ofSqlite = ['sqlite_commits_total', 'sqlite_commit_units_sum', 'sqlite_sync_duration_seconds_count'];
  const ofPostgres = ['postgres_pool_size{pool="main"}', 'postgres_pool_size{pool="long"}'];
  for (const name of storeKind === 'sqlite' ? ofSqlite : ofPostgres) {
    expect(told.get(`parley_${name}`), name).toBeGreaterThan(0);
  }
  const open = ['connections_in_use', 'connections_idle'].map(
    (name) => told.get(`parley_postgres_${name}{pool="main"}`) ?? 0,
  );
  expect(open.some((count) => count > 0)).toBe(storeKind === 'postgres');
});

it('every metric stands in the table of docs/operations.md with its labels, and the reverse', async () => {
  const page = readFileSync(join(projectRoot, 'docs/operations.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(?<name>parley_\w+)` +\| (?<labels>[^|]*?) *\| (?<text>[^|]*?) *\|$/gm)];
  const others = storeKind === 'sqlite' ? 'PostgreSQL: ' : 'SQLite: ';
  const here = rows.filter(({ groups }) => !groups?.['text']?.startsWith(others));
  const answer = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  const text = await answer.text();
  const served = [...text.matchAll(/^# TYPE (?<name>parley_\w+) /gm)].map(({ groups }) => groups?.['name'] ?? '');
  expect(here.map(({ groups }) => groups?.['name'] ?? '').toSorted()).toEqual(served.toSorted());
  for (const { groups } of here) {
    const { name = '', labels = '' } = groups ?? {};
    const series = text.matchAll(new RegExp(`^${name}(?:_bucket|_sum|_count)?\\{(?<inner>.*)\\} `, 'gm'));
    const named = [...series].flatMap(({ groups: found }) => [...(found?.['inner'] ?? '').matchAll(/(\w+)="/g)]);
    const used = new Set(named.map(([, label]) => label).filter((label) => label !== 'le'));
    const said = labels === '' ? [] : labels.split(', ');
    expect(
      [...used].filter((label) => !said.includes(label ?? '')),
      name,
    ).toEqual([]);
  }
});

it('no label holds an id, nor a name that a tenant chose', async () => {
  const name = 'their-own-provider';
  const provider = await server.send('POST', '/v1/providers', {
    body: {
      name,
      type: 'openai-compatible',
      base_url: `${receiver.origin}/v1`,
      skip_test: true,
      api_key: 'sk-of-a-tenant',
    },
  });
  expect(provider.status).toBe(201);
  const client = await server.send('POST', '/v1/workspaces', { body: { name: 'A client' } });
  expect(client.status).toBe(201);
  const bot = await server.makeBot({ model: `${name}/their-model`, name: 'Their bot' });
  await server.send('POST', '/v1/chat', {
    key: server.key,
    body: { bot_id: bot, message: 'Hi', user_id: 'their-user' },
  });
  const answer = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  const text = await answer.text();
  for (const secret of [
    name,
    'their-model',
    'their-user',
    'Their bot',
    'sk-of-a-tenant',
    server.key,
    client.body.id,
    bot,
  ]) {
    expect(text).not.toContain(secret);
  }
  expect(text).not.toMatch(/\b(?:ws|bot|conv|msg|turn|key|src|evt|dlv|job|hook)_[0-9a-z]{20,}/);
});
