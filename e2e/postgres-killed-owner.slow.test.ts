import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { apiClient, type EventReader } from '../server/test/api-client.ts';
import { findRedis } from '../server/test/redis/find-redis.ts';
import { type ReplicaProcesses, startProcesses } from '../server/test/replica-processes.ts';
import {
  type ProviderCall,
  saying,
  type ScriptedProvider,
  startScriptedProvider,
} from '../server/test/scripted-provider.ts';
import { type Balancer, servedBy, startBalancer } from './balancer.ts';

/** Three servers behind a balancer: the one that runs a turn is killed, and its readers go on elsewhere. */

/** A lease of three seconds, and a busy machine. */
const waitMs = 60_000;

describe.skipIf(findRedis() === null)('when the server that runs a turn is killed', () => {
  let provider: ScriptedProvider;
  let held: ProviderCall[];
  let processes: ReplicaProcesses;
  let balancer: Balancer;
  let client: ReturnType<typeof apiClient>;
  let bot: string;
  let users = 0;

  beforeAll(async () => {
    provider = await startScriptedProvider((call) => void held.push(call));
    processes = await startProcesses(3, { providerUrl: provider.url, env: { PARLEY_LEASE_MS: '3000' } });
    balancer = await startBalancer(processes.servers.map(({ url }) => url));
    client = apiClient(balancer.url, processes.key);
    const made = await client.send('POST', '/v1/bots', { body: { name: 'Bot', model: 'test/any' } });
    bot = made.body.id as string;
  }, 120_000);
  afterAll(async () => {
    await balancer.close();
    await processes.close();
    await provider.close();
  }, 60_000);
  beforeEach(() => {
    held = [];
    users += 1;
    provider.use((call) => void held.push(call));
  });

  const begin = async () => {
    const body = { bot_id: bot, user_id: `user-${users}`, message: 'Go on', stream: true };
    const headers = { 'idempotency-key': `call-${users}` };
    const mine = await client.open('POST', '/v1/chat', { body, headers });
    const turnId = (await mine.until('turn.started')).data.turn_id as string;
    await expect.poll(() => held.length, { timeout: waitMs }).toBe(1);
    const owner = Number(mine.response.headers.get(servedBy));
    return { mine, turnId, owner, retry: { body: { ...body, stream: false }, headers } };
  };
  /** A reader on another server than the owner. */
  const readElsewhere = async (turnId: string, owner: number): Promise<EventReader> => {
    for (;;) {
      const reader = await client.open('GET', `/v1/turns/${turnId}/stream`);
      if (Number(reader.response.headers.get(servedBy)) !== owner) return reader;
      reader.cut();
    }
  };
  /** Goes on behind the last event until a terminal one has come, as a client does. */
  const readToTheEnd = async (
    turnId: string,
    first: EventReader,
  ): Promise<{ ids: string[]; text: string; last: EventReader }> => {
    const ids: string[] = [];
    let text = '';
    for (let reader = first; ;) {
      await reader.done;
      for (const { id, event, data } of reader.events) {
        ids.push(id);
        if (event === 'reply.reset') text = '';
        if (event === 'reply.delta') text += data.text as string;
      }
      if (/^turn\.(?:completed|interrupted|failed|cancelled)$/.test(reader.events.at(-1)?.event ?? '')) {
        return { ids, text, last: reader };
      }
      reader = await client.open('GET', `/v1/turns/${turnId}/stream?after=${ids.at(-1)}`);
    }
  };
  /** Puts another server in the place of the killed one. */
  const replace = async (): Promise<void> => {
    await balancer.close();
    processes.servers.push(await processes.serve());
    balancer = await startBalancer(processes.servers.slice(-3).map(({ url }) => url));
    client = apiClient(balancer.url, processes.key);
  };
  const kill = async (owner: number): Promise<void> => {
    const current = processes.servers.slice(-3);
    await current[owner]!.end('SIGKILL');
    processes.servers = current.filter((_, index) => index !== owner);
  };

  it('text that it had stored is what every reader ends with, and costs nothing', async () => {
    const { mine, turnId, owner, retry } = await begin();
    const other = await readElsewhere(turnId, owner);
    held[0]!.say('Half of ');
    held[0]!.say('the answer');
    for (const reader of [mine, other])
      await expect.poll(() => reader.raw(), { timeout: waitMs }).toContain('the answer');
    const stored = () => processes.query(`select 1 from turns where partial_text = 'Half of the answer'`);
    await expect.poll(stored, { timeout: waitMs }).toHaveLength(1);
    await kill(owner);
    const told = await Promise.all([readToTheEnd(turnId, mine), readToTheEnd(turnId, other)]);
    for (const { ids, text, last } of told) {
      expect(text).toBe('Half of the answer');
      expect(last.events.at(-1)).toMatchObject({ event: 'turn.interrupted', data: { reply: { content: text } } });
      expect(ids).toContain('2-0');
      expect(Number(last.response.headers.get(servedBy))).not.toBe(owner);
    }
    expect(told[1].last).toBe(other);
    const again = await client.send('POST', '/v1/chat', retry);
    expect(again.body).toMatchObject({ id: turnId, status: 'interrupted', usage: { messages: 0 } });
    expect((await client.send('GET', '/v1/usage')).body.messages).toMatchObject({ reserved: 0 });
    expect(held).toHaveLength(1);
    await replace();
  });

  it('a turn of which nothing was stored runs again elsewhere, and a call that waits there is answered', async () => {
    const { mine, turnId, owner, retry } = await begin();
    const other = await readElsewhere(turnId, owner);
    const waiting = (async () => {
      for (;;) {
        const answer = await client.send('POST', '/v1/chat', retry).catch(() => null);
        if (answer?.status === 200) return answer;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();
    provider.use(saying('Found again.'));
    await kill(owner);
    const told = await Promise.all([readToTheEnd(turnId, mine), readToTheEnd(turnId, other)]);
    for (const { text, last } of told) {
      expect(text).toBe('Found again.');
      expect(last.events.at(-1)).toMatchObject({ event: 'turn.completed', data: { reply: { content: text } } });
    }
    // one that read elsewhere is led on without having to come back
    expect(told[1].last).toBe(other);
    expect((await waiting).body).toMatchObject({ id: turnId, status: 'completed', usage: { messages: 1 } });
    await replace();
  });
});
