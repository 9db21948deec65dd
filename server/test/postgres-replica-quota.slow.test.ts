import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from './api-client.ts';
import { noLimits } from './boot.ts';
import { findRedis } from './redis/find-redis.ts';
import { replicaEffort } from './replica-effort.ts';
import { type ReplicaProcesses, startProcesses } from './replica-processes.ts';
import { saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';
import { makePublishableKey, openPage } from './web-page.ts';

/** A thousand messages at once over three servers, by every entrance, on a quota of a hundred. */

const limit = 100;
const asked = 1_000;

describe.skipIf(findRedis() === null)('a quota over three servers', () => {
  let provider: ScriptedProvider;
  let processes: ReplicaProcesses;
  /** Why servers that were too busy said so. */
  let busy: string[];

  beforeAll(async () => {
    provider = await startScriptedProvider(saying('An answer'));
    const plans = { limited: { ...noLimits, messages_per_month: limit, requests_per_minute: 1_000_000 } };
    processes = await startProcesses(3, {
      providerUrl: provider.url,
      plans,
      // everybody comes from the address of this machine
      env: {
        PARLEY_ADDRESS_REQUESTS_PER_MINUTE: '1000000',
        PARLEY_ADDRESS_MESSAGES_PER_DAY: '1000000',
        PARLEY_ADDRESS_VISITORS_PER_DAY: '1000000',
      },
    });
  }, 120_000);
  afterAll(async () => {
    await processes.close();
    await provider.close();
  }, 60_000);

  /** A workspace of its own for a round, and how it is spoken to. */
  const makeClient = async (name: string) => {
    const first = processes.clients[0]!;
    const made = await first.send('POST', '/v1/workspaces', { body: { name, plan: 'limited' } });
    if (made.status !== 201) throw new Error(made.text);
    const headers = { 'parley-workspace': made.body.id as string };
    const send = (method: string, path: string, request: Parameters<typeof first.send>[2] = {}) =>
      first.send(method, path, { ...request, headers: { ...headers, ...request.headers } });
    const { body: bot } = await send('POST', '/v1/bots', { body: { name: 'Bot', model: 'test/any' } });
    const page = await makePublishableKey({ send }, bot.id as string);
    return { workspaceId: made.body.id as string, headers, send, botId: bot.id as string, pageKey: page.secret };
  };

  /** What became of one message, which is sent again while a server is too busy to say: accepted, or the refusal's code. */
  const fateOf = async (send: () => Promise<Answer>): Promise<string> => {
    for (;;) {
      const { status, body, text, headers } = await send();
      if (status === 200 || status === 202) return 'accepted';
      const code = body?.error?.code as string | undefined;
      if (status !== 503) return code ?? `${status} ${text.slice(0, 200)}`;
      busy.push(code ?? text.slice(0, 200));
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      await setTimeout(200);
    }
  };

  const burst = async (round: string): Promise<{ fates: string[]; workspaceId: string; send: Answer }> => {
    const client = await makeClient(round);
    // all of them are awake, with connections open, so that they meet
    await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        processes.clients[index % 3]!.send('GET', '/v1/bots', { headers: client.headers }),
      ),
    );
    const fates = await Promise.all(
      Array.from({ length: asked }, async (_, index) => {
        const server = processes.servers[index % 3]!;
        const api = processes.clients[index % 3]!;
        const message = `${round} ${index}`;
        if (index % 4 === 3) {
          const page = openPage(server.url, client.pageKey);
          return fateOf(() => page.chat(message));
        }
        const headers = { ...client.headers, 'idempotency-key': message };
        const body = { bot_id: client.botId, user_id: `user-${index}`, message };
        if (index % 4 === 1) {
          const preferring = { ...headers, prefer: 'respond-async' };
          return fateOf(() => api.send('POST', '/v1/chat', { headers: preferring, body }));
        }
        const streaming = { ...body, stream: index % 4 === 2 };
        return fateOf(() => api.send('POST', '/v1/chat', { headers, body: streaming }));
      }),
    );
    const usage = () => client.send('GET', '/v1/usage');
    await expect.poll(async () => (await usage()).body.messages.reserved, { timeout: 60_000 }).toBe(0);
    return { fates, workspaceId: client.workspaceId, send: await usage() };
  };

  it.each(Array.from({ length: replicaEffort.quotaRounds }, (_, index) => index + 1))(
    'accepts exactly a hundred of a thousand messages at once (round %i)',
    async (number) => {
      busy = [];
      const round = `round-${number}`;
      const { fates, workspaceId, send } = await burst(round);
      const counted = new Map<string, number>();
      for (const fate of fates) counted.set(fate, (counted.get(fate) ?? 0) + 1);
      expect(busy.filter((code) => code !== 'storage_unavailable' && code !== 'overloaded')).toEqual([]);
      expect(Object.fromEntries(counted)).toEqual({ accepted: limit, quota_exceeded: asked - limit });
      expect(send.body.messages).toMatchObject({ used: limit, reserved: 0 });
      const calls = provider.calls.filter(({ messages }) => messages.at(-1)?.content.startsWith(`${round} `));
      expect(calls).toHaveLength(limit);
      const of = `where workspace_id = '${workspaceId}'`;
      expect(await processes.query(`select count(*) as rows, sum(messages) as sum from quota_ledger ${of}`)).toEqual([
        { rows: limit, sum: limit },
      ]);
      expect(await processes.query(`select status, count(*) as count from turns ${of} group by status`)).toEqual([
        { status: 'completed', count: limit },
      ]);
    },
  );
});
