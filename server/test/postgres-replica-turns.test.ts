import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findRedis } from './redis/find-redis.ts';
import { TestRedis } from './redis/server.ts';
import { type Replica, startReplicas } from './replicas.ts';
import { type ProviderCall, saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** Turns that run on one server and are read, stopped and waited for on another. */

const ways = [
  { way: 'by Redis', withRedis: true },
  { way: 'by PostgreSQL alone', withRedis: false },
];

describe.each(ways)('$way', ({ withRedis }) => {
  const skipped = withRedis && findRedis() === null;
  let redis: TestRedis | null = null;
  let provider: ScriptedProvider;
  let held: ProviderCall[];
  let group: Awaited<ReturnType<typeof startReplicas>>;
  let one: Replica;
  let two: Replica;
  let bot: string;
  let users = 0;

  beforeAll(async () => {
    if (skipped) return;
    provider = await startScriptedProvider((call) => void held.push(call));
    redis = withRedis ? await TestRedis.start() : null;
    group = await startReplicas(2, { redis, providerUrl: provider.url });
    [one, two] = group.replicas as [Replica, Replica];
    bot = await group.first.makeBot();
  });
  afterAll(async () => {
    if (skipped) return;
    await group.close();
    await redis?.close();
    await provider.close();
  });
  beforeEach(() => {
    held = [];
    users += 1;
    if (!skipped) provider.use((call) => void held.push(call));
  });

  const ask = (message: string, more: Record<string, unknown> = {}) => ({
    body: { bot_id: bot, user_id: `user-${users}`, message, ...more },
  });
  const call = async (index: number): Promise<ProviderCall> => {
    await expect.poll(() => held.length, { timeout: 15_000 }).toBeGreaterThan(index);
    return held[index]!;
  };
  /** A stream on the first server, whose turn runs. */
  const begin = async (message: string, more: Record<string, unknown> = {}) => {
    const before = held.length;
    const stream = await one.open('POST', '/v1/chat', ask(message, { ...more, stream: true }));
    const turnId = (await stream.until('turn.started')).data.turn_id as string;
    return { stream, turnId, model: await call(before) };
  };
  const withoutBeats = (raw: string): string => raw.replaceAll(':\n\n', '');
  const events = (raw: string): string[] => withoutBeats(raw).split(/(?<=\n\n)/);

  it.skipIf(skipped)('a reader on the other server sees the same events while they are made', async () => {
    const { stream, turnId, model } = await begin('one');
    const elsewhere = await two.open('GET', `/v1/turns/${turnId}/stream`);
    model.say('First ');
    // the blank waits for what follows: a mark of a citation would take it away
    expect((await elsewhere.until('reply.delta')).data).toEqual({ text: 'First' });
    model.say('😀 second ');
    const late = await two.open('GET', `/v1/turns/${turnId}/stream`);
    await expect.poll(() => late.raw(), { timeout: 10_000 }).toContain('second');
    expect(held).toHaveLength(1);
    model.say('third');
    model.end();
    await Promise.all([stream.done, elsewhere.done, late.done]);
    expect(stream.events.at(-1)?.event).toBe('turn.completed');
    for (const reader of [elsewhere, late]) expect(withoutBeats(reader.raw())).toBe(withoutBeats(stream.raw()));
  });

  it.skipIf(skipped)('the rest from every event is the same on both, while the turn runs and afterwards', async () => {
    const { stream, turnId, model } = await begin('all places');
    for (const piece of ['a', 'b ', 'c\n\n', 'd: "', 'e']) model.say(piece);
    await expect.poll(() => stream.raw(), { timeout: 10_000 }).toContain('"e"');
    const count = stream.events.length;
    const places = Array.from({ length: count + 1 }, (_, n) => n);
    const resume = (replica: Replica, n: number) => replica.open('GET', `/v1/turns/${turnId}/stream?after=1-${n}`);
    const running = await Promise.all(places.flatMap((n) => [resume(one, n), resume(two, n)]));
    await expect.poll(() => running[1]!.events.length, { timeout: 10_000 }).toBe(count);
    model.say('f');
    model.end();
    await Promise.all([stream.done, ...running.map(({ done }) => done)]);
    const whole = events(stream.raw());
    running.forEach((reader, index) => {
      expect(events(reader.raw()), `while it ran, reader ${index}`).toEqual(whole.slice(Math.floor(index / 2)));
    });
    for (const n of places) {
      for (const replica of [one, two]) {
        const reader = await resume(replica, n);
        await reader.done;
        expect(events(reader.raw()), `afterwards, from ${n}`).toEqual(whole.slice(n));
      }
    }
    const ended = await resume(two, whole.length);
    await ended.done;
    expect(events(ended.raw())).toEqual(whole.slice(-1));
  });

  it.skipIf(skipped)('a retry on the other server attaches to the turn, as a stream and as JSON', async () => {
    const headers = { 'idempotency-key': `retry-${users}` };
    const first = one.open('POST', '/v1/chat', { ...ask('once', { stream: true }), headers });
    const model = await call(0);
    model.say('Only ');
    const attached = await two.open('POST', '/v1/chat', { ...ask('once', { stream: true }), headers });
    expect(attached.response.headers.get('idempotent-replayed')).toBe('true');
    await attached.until('reply.delta');
    const waiting = two.send('POST', '/v1/chat', { ...ask('once'), headers });
    const atOnce = await two.send('POST', '/v1/chat', {
      ...ask('once'),
      headers: { ...headers, prefer: 'respond-async' },
    });
    expect(atOnce).toMatchObject({ status: 202, body: { status: 'running' } });
    model.say('once.');
    model.end();
    await attached.done;
    const { status, body } = await waiting;
    expect(status).toBe(200);
    expect(body.reply.content).toBe('Only once.');
    const stream = await first;
    await stream.done;
    expect(withoutBeats(attached.raw())).toBe(withoutBeats(stream.raw()));
    expect(held).toHaveLength(1);
    expect((await two.send('GET', `/v1/turns/${atOnce.body.id}`)).body).toMatchObject({ status: 'completed' });
  });

  it.skipIf(skipped)('a turn that waits on one server is seen to run there when the other runs it', async () => {
    const { stream, model } = await begin('one');
    const second = await two.open('POST', '/v1/chat', ask('two', { stream: true }));
    const turnId = (await second.until('turn.queued')).data.turn_id as string;
    model.say('To the first');
    model.end();
    await stream.done;
    const next = await call(1);
    next.say('To the ');
    await second.until('reply.delta');
    expect(second.events.map(({ id, event }) => `${id} ${event}`)).toEqual([
      '1-1 turn.queued',
      '1-2 turn.started',
      '1-3 reply.delta',
    ]);
    next.say('second');
    next.end();
    await second.done;
    expect(second.events.at(-1)).toMatchObject({ id: '1-5', data: { reply: { content: 'To the second' } } });
    const told = await one.open('GET', `/v1/turns/${turnId}/stream`);
    await told.done;
    expect(withoutBeats(told.raw())).toBe(withoutBeats(second.raw()));
  });

  it.skipIf(skipped)(
    'a waiting turn that is cancelled by way of the other server ends with the same events',
    async () => {
      const { stream, model } = await begin('one');
      const second = await two.open('POST', '/v1/chat', ask('two', { stream: true }));
      const turnId = (await second.until('turn.queued')).data.turn_id as string;
      expect((await one.send('POST', `/v1/turns/${turnId}/cancel`)).body.status).toBe('cancelled');
      await second.done;
      const told = await one.open('GET', `/v1/turns/${turnId}/stream`);
      await told.done;
      expect(second.events.map(({ event }) => event)).toEqual(['turn.queued', 'turn.cancelled']);
      expect(withoutBeats(told.raw())).toBe(withoutBeats(second.raw()));
      model.say('To the first');
      model.end();
      await stream.done;
    },
  );

  it.skipIf(skipped)('a running turn is cancelled by way of the other server, which answers with its end', async () => {
    const { stream, turnId, model } = await begin('one');
    model.say('Until here');
    await stream.until('reply.delta');
    const { body } = await two.send('POST', `/v1/turns/${turnId}/cancel`);
    expect(body).toMatchObject({ status: 'cancelled', reply: { content: 'Until here' } });
    await stream.until('turn.cancelled');
    await expect.poll(() => model.aborted, { timeout: 10_000 }).toBe(true);
  });

  it.skipIf(skipped)('a message to the other server interrupts the turn, and is answered', async () => {
    const { stream, model } = await begin('one');
    model.say('Until here');
    await stream.until('reply.delta');
    const second = two.send('POST', '/v1/chat', ask('two', { on_busy: 'interrupt' }));
    await stream.until('turn.interrupted');
    await saying('Instead')(await call(1), 0);
    expect((await second).body).toMatchObject({ status: 'completed', reply: { content: 'Instead' } });
  });

  it.skipIf(skipped)('a conversation that is deleted by way of the other server ends its turns', async () => {
    const { stream, turnId, model } = await begin('one');
    const reader = await two.open('GET', `/v1/turns/${turnId}/stream`);
    const conversation = stream.events[0]?.data.conversation_id as string;
    expect((await two.send('DELETE', `/v1/conversations/${conversation}`)).status).toBe(200);
    await Promise.all([stream.done, reader.done]);
    expect(stream.events.at(-1)?.event).toBe('turn.cancelled');
    expect(reader.events.at(-1)?.event).toBe('turn.cancelled');
    await expect.poll(() => model.aborted, { timeout: 10_000 }).toBe(true);
  });

  it.skipIf(skipped)('what a person replies on one server comes to readers on the other', async () => {
    provider.use(saying('Before'));
    const { body: turn } = await one.send('POST', '/v1/chat', ask('one'));
    const path = `/v1/conversations/${turn.conversation_id}`;
    expect((await one.send('PATCH', path, { body: { status: 'human' } })).status).toBe(200);
    const mine = await one.open('POST', '/v1/chat', ask('Is anybody there?', { stream: true }));
    const turnId = (await mine.until('turn.started')).data.turn_id as string;
    const theirs = await two.open('GET', `/v1/turns/${turnId}/stream`);
    await theirs.until('turn.started');
    // until then a reply would stand behind it, as one to what was said before
    await expect.poll(async () => (await two.send('GET', `/v1/turns/${turnId}`)).body.status).toBe('completed');
    const reply = { content: 'I am.', author: 'Ada' };
    expect((await two.send('POST', `${path}/reply`, { body: reply })).status).toBeLessThan(300);
    await Promise.all([mine.done, theirs.done]);
    expect(mine.events.at(-1)).toMatchObject({ event: 'turn.completed', data: { reply: { content: 'I am.' } } });
    expect(withoutBeats(theirs.raw())).toBe(withoutBeats(mine.raw()));
  });
});
