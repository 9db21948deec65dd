import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRedis } from './redis/find-redis.ts';
import { TestRedis } from './redis/server.ts';
import { replicaEffort } from './replica-effort.ts';
import { type Replica, startReplicas } from './replicas.ts';
import { type ProviderCall, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** Many readers of turns that run on another server: nobody is held up, and nothing is left of those who have gone. */

const waitMs = 60_000;
const metricsToken = 'a-token-for-metrics';

let redis: TestRedis;
let provider: ScriptedProvider;
let held: ProviderCall[];
let group: Awaited<ReturnType<typeof startReplicas>>;
let one: Replica;
let two: Replica;

describe.skipIf(findRedis() === null)('readers on another server', () => {
  beforeEach(async () => {
    held = [];
    provider = await startScriptedProvider((call) => void held.push(call));
    redis = await TestRedis.start();
    group = await startReplicas(2, {
      redis,
      providerUrl: provider.url,
      env: { PARLEY_METRICS_TOKEN: metricsToken },
    });
    [one, two] = group.replicas as [Replica, Replica];
  });
  afterEach(async () => {
    await group.close();
    await redis.close();
    await provider.close();
  });

  const begin = async (user: string) => {
    const bot = await group.first.makeBot();
    const before = held.length;
    const body = { bot_id: bot, user_id: user, message: 'Go on', stream: true };
    const stream = await one.open('POST', '/v1/chat', { body });
    const turnId = (await stream.until('turn.started')).data.turn_id as string;
    await expect.poll(() => held.length, { timeout: waitMs }).toBe(before + 1);
    return { stream, turnId, model: held.at(-1)! };
  };

  it('are a hundred, and each gets every byte', async () => {
    const { stream, turnId, model } = await begin('many');
    const places = Array.from({ length: 100 }, (_, index) => index % 5);
    for (let count = 0; count < 10; count++) model.say(`piece ${count} `);
    await expect.poll(() => stream.raw(), { timeout: waitMs }).toContain('piece 9');
    const readers = await Promise.all(
      places.map((n) => two.open('GET', `/v1/turns/${turnId}/stream${n === 0 ? '' : `?after=1-${n}`}`)),
    );
    for (let count = 10; count < 200; count++) model.say(`piece ${count} 🙂`);
    model.end();
    await Promise.all([stream.done, ...readers.map(({ done }) => done)]);
    const frames = stream.raw().split(/(?<=\n\n)/);
    readers.forEach((reader, index) => {
      expect(reader.raw() === frames.slice(places[index]).join(''), `reader ${index}`).toBe(true);
    });
  });

  it('come and go by the thousand, and leave nothing behind', async () => {
    const turns = [await begin('first'), await begin('second'), await begin('third')];
    const visit = async (index: number): Promise<void> => {
      const { turnId } = turns[index % turns.length]!;
      const reader = await two.open('GET', `/v1/turns/${turnId}/stream`);
      if (index % 2 === 0) await reader.until('turn.started');
      reader.cut();
      await reader.done;
    };
    const visits = async (count: number): Promise<void> => {
      for (let at = 0; at < count; at += 50) {
        await Promise.all(Array.from({ length: Math.min(50, count - at) }, (_, index) => visit(at + index)));
      }
    };
    const gauge = async (): Promise<{ timers: number; sockets: number; clients: number; channels: number }> => ({
      timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
      sockets: readdirSync('/proc/self/fd').length,
      clients: String(await redis.run('CLIENT', 'LIST'))
        .trim()
        .split('\n').length,
      channels: ((await redis.run('PUBSUB', 'CHANNELS')) as string[]).length,
    });
    // what a first use makes, and keeps, is no leak
    await visits(100);
    const figure = async (replica: Replica, name: string): Promise<number> => {
      const { text } = await replica.send('GET', '/metrics', { key: metricsToken });
      return Number(new RegExp(`^parley_${name} (\\d+)$`, 'm').exec(text)?.[1]);
    };
    const expectQuiet = async (): Promise<void> => {
      await expect.poll(() => figure(one, 'open_streams'), { timeout: waitMs }).toBe(turns.length);
      await expect.poll(() => figure(two, 'open_streams'), { timeout: waitMs }).toBe(0);
      await expect.poll(() => figure(two, 'followed_turns'), { timeout: waitMs }).toBe(0);
      await expect.poll(() => figure(one, 'published_turns'), { timeout: waitMs }).toBe(0);
    };
    await expectQuiet();
    const before = await gauge();
    await visits(replicaEffort.connects);
    await expectQuiet();
    const after = await gauge();
    expect({ clients: after.clients, channels: after.channels }).toEqual({
      clients: before.clients,
      channels: before.channels,
    });
    await expect.poll(async () => (await gauge()).timers, { timeout: waitMs }).toBeLessThanOrEqual(before.timers + 10);
    await expect
      .poll(async () => (await gauge()).sockets, { timeout: waitMs })
      .toBeLessThanOrEqual(before.sockets + 60);
    for (const { model, stream } of turns) {
      model.say('Still here');
      model.end();
      await stream.until('turn.completed');
    }
  });
});
