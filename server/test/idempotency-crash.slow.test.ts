import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiClient } from './api-client.ts';
import { noLimits } from './boot.ts';
import { commandLine } from './command-line.ts';
import { ask, type Asking, begin } from './idempotency/ask.ts';
import { type CrashPoint, type CrashPointName, crashPoints, lateReply } from './idempotency/crash-points.ts';
import { type Mode, modes } from './idempotency/dimensions.ts';
import { saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';
import { databaseOf, storeKind, type TestDatabase } from './test-database.ts';

/** The second call with an Idempotency-Key, where the server was killed under the first one: as a stream and as JSON. */

let provider: ScriptedProvider;
let parley: ReturnType<typeof commandLine>;
let database: TestDatabase;

beforeEach(async () => {
  provider = await startScriptedProvider(() => undefined);
  parley = commandLine();
  mkdirSync(parley.dataDir, { mode: 0o700 });
  database = await databaseOf(parley.dataDir);
  const plan = { ...noLimits, messages_per_month: 100 };
  writeFileSync(join(parley.folder, 'plans.json'), JSON.stringify({ default: 'test', plans: { test: plan } }));
});
afterEach(async () => {
  await parley.cleanUp();
  await database.drop();
  await provider.close();
});

const serve = (environment: Record<string, string> = {}) =>
  parley.serve({
    PARLEY_PROVIDER_TEST_URL: provider.url,
    PARLEY_PLANS: join(parley.folder, 'plans.json'),
    ...database.environment,
    // where another server may be alive, a dead one is known by its lease alone
    ...(storeKind === 'postgres' ? { PARLEY_LEASE_MS: '2000' } : {}),
    ...environment,
  });

type Dead = { key: string; asking: Omit<Asking, 'mode'> };

/** One call to a server that is killed under it. */
const crash = async (point: CrashPoint, mode: Mode): Promise<Dead> => {
  provider.use((call) => point.script(call));
  const { reached } = point;
  const byItself = typeof reached === 'string';
  const server = await serve(byItself ? { PARLEY_MODE: 'test', PARLEY_FAILPOINT: `${reached}:kill` } : {});
  const key = /prl_live_\w+/.exec(server.output())?.[0] ?? '';
  const client = apiClient(server.url, key);
  // with a model to go on with a JSON call is asked for as a stream, too: it dies at the same points
  const models = { model: 'test/any', fallback_models: ['test/other'] };
  const { body: bot } = await client.send('POST', '/v1/bots', { body: { name: 'Bot', ...models } });
  const asking = { idempotencyKey: 'once', bot: bot.id as string, message: 'one', userId: 'ada' };
  const { ended } = begin(client, { ...asking, mode });
  // it breaks off with the server, where it has not ended before
  const over = ended.catch(() => null);
  if (!byItself) await reached(() => provider.calls.length);
  const end = await (byItself ? server.ended : server.end('SIGKILL'));
  expect(end.code).toBeNull();
  await over;
  return { key, asking };
};

const names = Object.keys(crashPoints) as CrashPointName[];

describe.each(names)('the second call with an Idempotency-Key, the server killed %s', (name) => {
  const point: CrashPoint = crashPoints[name];

  it.each(modes)('gives both forms the one turn, first asked for as %s', async (first) => {
    const { key, asking } = await crash(point, first);
    provider.use(saying(lateReply));
    const client = apiClient((await serve()).url, key);
    const again = await Promise.all(modes.map((mode) => ask(client, { ...asking, mode })));
    const rows = await database.query('select id, status from turns');
    expect(rows.map(({ status }) => status)).toEqual([point.status]);
    for (const { status, code, turnId } of again) {
      expect({ status, code, turnId }).toEqual({ status: 200, code: null, turnId: rows[0]?.['id'] });
    }
    // where nothing had been accepted, one of the two is the first
    expect(again.filter(({ replayed }) => replayed)).toHaveLength(point.accepted ? 2 : 1);
    const { body: turn } = await client.send('GET', `/v1/turns/${again[0]?.turnId}`);
    expect(turn).toMatchObject({ reply: { content: point.content }, usage: { messages: point.charged } });
    const [stream, json] = again.map(({ text }) => text);
    expect(
      [JSON.parse(json ?? ''), JSON.parse(/^data: (.*)$/m.exec(stream?.split('\n\n').at(-2) ?? '')?.[1] ?? '')].map(
        (told) => ({ ...told, feedback: null }),
      ),
    ).toEqual([turn, turn]);
    const [least, most] = point.asked;
    expect(provider.calls.length).toBeGreaterThanOrEqual(least);
    expect(provider.calls.length).toBeLessThanOrEqual(most);
    const [messages] = await database.query("select count(*) as count from messages where role = 'user'");
    expect(Number(messages?.['count'])).toBe(1);
    const { body: usage } = await client.send('GET', '/v1/usage');
    expect(usage.messages).toMatchObject({ used: point.charged, reserved: 0 });
    expect(await database.query('select 1 from quota_ledger')).toHaveLength(point.charged);
  });
});
