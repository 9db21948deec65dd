import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from './api-client.ts';
import { findRedis } from './redis/find-redis.ts';
import { redisPassword, TestRedis } from './redis/server.ts';
import { type Replica, startReplicas } from './replicas.ts';
import { type ProviderCall, saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** Redis goes away under running requests: nobody is refused, streams go on, quotas stay exact, and it is joined again. */

const waitMs = 30_000;
/** Said by the model and by users, to look for where it must not stand. */
const canary = 'canary-spoken';

let redis: TestRedis;
let provider: ScriptedProvider;
let held: ProviderCall[];
let group: Awaited<ReturnType<typeof startReplicas>>;
let one: Replica;
let two: Replica;
let bot: string;

const start = async (plan: Record<string, number>) => {
  redis = await TestRedis.start();
  group = await startReplicas(2, { redis, providerUrl: provider.url, plan });
  [one, two] = group.replicas as [Replica, Replica];
  bot = await group.first.makeBot();
};

beforeEach(async () => {
  held = [];
  provider = await startScriptedProvider((call) => {
    if (call.messages.at(-1)?.content.startsWith('hold')) held.push(call);
    else void saying(`Answer ${canary}`)(call, 0);
  });
});
afterEach(async () => {
  // those that are only coming, too
  provider.use(saying('At last'));
  for (const call of held) {
    call.say('At last');
    call.end();
  }
  await group.close();
  await redis.close();
  await provider.close();
});

/** Callers on both servers, who go on until they are told to stop. */
const startCallers = () => {
  const answers: Answer[] = [];
  const stopping = new AbortController();
  const chat = async (replica: Replica, user: string): Promise<void> => {
    for (let asked = 0; !stopping.signal.aborted; asked++) {
      const body = { bot_id: bot, user_id: user, message: `Question ${asked} ${canary}` };
      answers.push(
        await replica.send('POST', '/v1/chat', { headers: { 'idempotency-key': `${user}-${asked}` }, body }),
      );
    }
  };
  const running = [chat(one, 'a'), chat(one, 'b'), chat(two, 'c'), chat(two, 'd')];
  return {
    answers,
    stop: async (): Promise<number> => {
      stopping.abort();
      await Promise.all(running);
      return answers.length;
    },
  };
};

const more = async (answers: readonly Answer[], count = 20): Promise<void> => {
  const before = answers.length;
  await expect.poll(() => answers.length, { timeout: waitMs }).toBeGreaterThan(before + count);
};

/** Both servers hear each other over Redis. */
const expectJoined = async (): Promise<void> => {
  const channels = () => redis.run('PUBSUB', 'CHANNELS').catch(() => []);
  await expect.poll(channels, { timeout: waitMs }).toHaveLength(3);
};

/** Of the one workspace that has streams. */
const placesKey = async (): Promise<string> => ((await redis.run('KEYS', '*:places:*')) as string[])[0] ?? '';

const losses = [
  {
    how: 'killed',
    lose: () => redis.kill(),
    find: () => redis.resume(),
  },
  {
    how: 'held',
    lose: () => Promise.resolve(redis.pause()),
    find: () => Promise.resolve(redis.goOn()),
  },
  {
    how: 'emptied',
    lose: () => redis.run('FLUSHALL'),
    find: () => Promise.resolve(),
  },
  {
    how: 'rid of its connections',
    lose: () => redis.run('CLIENT', 'KILL', 'TYPE', 'normal').then(() => redis.run('CLIENT', 'KILL', 'TYPE', 'pubsub')),
    find: () => Promise.resolve(),
  },
  {
    how: 'full',
    lose: () => redis.run('CONFIG', 'SET', 'maxmemory', '1'),
    find: () => redis.run('CONFIG', 'SET', 'maxmemory', '0'),
  },
];

describe.skipIf(findRedis() === null)('Redis', () => {
  it.each(losses)('that is $how costs no request and no piece of a stream', async ({ lose, find }) => {
    await start({ requests_per_minute: 1_000_000, messages_per_month: 1_000_000 });
    await expectJoined();
    const body = { bot_id: bot, user_id: 'reader', message: 'hold', stream: true };
    const mine = await one.open('POST', '/v1/chat', { body });
    const turnId = (await mine.until('turn.started')).data.turn_id as string;
    await expect.poll(() => held.length, { timeout: waitMs }).toBe(1);
    const theirs = await two.open('GET', `/v1/turns/${turnId}/stream`);
    const say = async (text: string): Promise<void> => {
      held[0]!.say(text);
      for (const reader of [mine, theirs]) {
        await expect.poll(() => reader.raw(), { timeout: waitMs }).toContain(text);
      }
    };
    await say('with Redis');
    const { answers, stop } = startCallers();
    await more(answers);
    await lose();
    await say(' without Redis');
    await more(answers);
    const late = await two.open('GET', `/v1/turns/${turnId}/stream`);
    await expect.poll(() => late.raw(), { timeout: waitMs }).toContain('without Redis');
    await find();
    await expectJoined();
    await say(' with Redis again');
    await more(answers);
    const asked = await stop();
    held[0]!.end();
    await Promise.all([mine.done, theirs.done, late.done]);
    for (const reader of [theirs, late]) expect(reader.raw()).toBe(mine.raw());
    expect(mine.events.at(-1)?.event).toBe('turn.completed');
    expect(answers.filter(({ status }) => status !== 200).map(({ text }) => text)).toEqual([]);
    const { used, reserved } = (await two.send('GET', '/v1/usage')).body.messages;
    expect({ used, reserved }).toEqual({ used: asked + 1, reserved: 0 });
    expect(await group.first.query('select sum(messages) as charged from quota_ledger')).toEqual([{ charged: used }]);
    const logged = group.replicas.map(({ server }) => JSON.stringify(server.logged)).join();
    expect(logged).not.toContain(redisPassword);
    expect(logged).not.toContain(canary);
  });

  it('that is away lets a turn be cancelled, and a key be revoked, by way of the other server', async () => {
    await start({});
    await expectJoined();
    await redis.kill();
    const body = { bot_id: bot, user_id: 'reader', message: 'hold', stream: true };
    const stream = await one.open('POST', '/v1/chat', { body });
    const turnId = (await stream.until('turn.started')).data.turn_id as string;
    await expect.poll(() => held.length, { timeout: waitMs }).toBe(1);
    held[0]!.say('Until here');
    await stream.until('reply.delta');
    expect((await two.send('POST', `/v1/turns/${turnId}/cancel`)).body.status).toBe('cancelled');
    await stream.until('turn.cancelled');
    const { body: key } = await one.send('POST', '/v1/keys', { body: { name: 'Short', scopes: ['bots:read'] } });
    const statusOf = async () => (await two.send('GET', '/v1/bots', { key: key.secret })).status;
    expect(await statusOf()).toBe(200);
    expect((await one.send('DELETE', `/v1/keys/${key.id}`)).status).toBe(200);
    await expect.poll(statusOf, { timeout: waitMs }).toBe(401);
  });

  it('counts open streams of all servers together, also after it was emptied, and not while it is away', async () => {
    await start({ concurrent_streams: 3 });
    await expectJoined();
    const open = (replica: Replica, user: string) =>
      replica.open('POST', '/v1/chat', { body: { bot_id: bot, user_id: user, message: 'hold', stream: true } });
    const [first] = [await open(one, 'a'), await open(one, 'b'), await open(two, 'c')];
    for (const replica of [one, two]) expect((await open(replica, 'd')).response.status).toBe(429);
    first.cut();
    const again = async (): Promise<number> => {
      const stream = await open(two, 'e');
      return stream.response.status;
    };
    await expect.poll(again, { timeout: waitMs }).toBe(200);
    expect((await open(one, 'f')).response.status).toBe(429);
    await redis.run('FLUSHALL');
    // what each server holds it says again by itself
    await expect.poll(() => redis.run('DBSIZE'), { timeout: waitMs }).toBe(1);
    await expect
      .poll(async () => Object.keys((await redis.run('HGETALL', await placesKey())) as object).length, {
        timeout: waitMs,
      })
      .toBe(4);
    expect((await open(one, 'g')).response.status).toBe(429);
    await redis.kill();
    await expect.poll(async () => (await open(one, 'h')).response.status, { timeout: waitMs }).toBe(200);
  });

  it('that is away at a start is joined once it is there', async () => {
    await start({});
    await redis.kill();
    const { url } = redis;
    expect((await one.send('GET', '/readyz', { key: null })).status).toBe(200);
    const alone = await startReplicas(1, { env: { REDIS_URL: url } });
    try {
      expect((await alone.first.send('GET', '/readyz', { key: null })).status).toBe(200);
      await redis.resume();
      await expect.poll(() => redis.run('PUBSUB', 'CHANNELS'), { timeout: waitMs }).toHaveLength(5);
    } finally {
      await alone.close();
    }
  });

  it('counts requests of all servers together, and each of them for itself while it is away', async () => {
    await start({ requests_per_minute: 30 });
    await expectJoined();
    const { body: key } = await one.send('POST', '/v1/keys', { body: { name: 'Counted', scopes: ['bots:read'] } });
    // a window of the minute begins here, so that it does not end among the requests
    await redis.run('FLUSHALL');
    const fates = async (replica: Replica, count: number): Promise<number[]> => {
      const answers = await Promise.all(
        Array.from({ length: count }, () => replica.send('GET', '/v1/bots', { key: key.secret })),
      );
      return answers.map(({ status }) => status);
    };
    const together = (await Promise.all([fates(one, 25), fates(two, 25)])).flat();
    expect(together.filter((status) => status === 200)).toHaveLength(30);
    expect(together.filter((status) => status === 429)).toHaveLength(20);
    expect(JSON.stringify(await redis.run('KEYS', '*'))).not.toContain('ws_');
    await redis.kill();
    for (const replica of [one, two]) {
      const own = await fates(replica, 40);
      expect(own.filter((status) => status === 200)).toHaveLength(30);
    }
  });
});
