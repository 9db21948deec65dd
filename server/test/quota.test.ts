import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

const limit = 50;
const callers = 200;

let provider: ScriptedProvider;
beforeAll(async () => {
  provider = await startScriptedProvider(saying('Yes, of course.'));
});
afterAll(() => provider.close());

const withServer = async (work: (server: Server, bot: string) => Promise<void>): Promise<void> => {
  const server = await boot({ providerUrl: provider.url, plan: { messages_per_month: limit } });
  try {
    await work(server, await server.makeBot());
  } finally {
    await server.close();
  }
};

/** The sum of all charges, page by page. */
const ledgerSum = async (server: Server): Promise<number> => {
  let sum = 0;
  let after = '';
  for (;;) {
    const { body } = await server.send('GET', `/v1/usage/ledger?limit=100${after}`);
    for (const charge of body.data) sum += charge.messages;
    if (!body.has_more) return sum;
    after = `&after=${body.last_id}`;
  }
};

describe('a plan of 50 messages', () => {
  it('grants exactly 50 of 200 calls at once: model calls, ledger and counter agree', () =>
    withServer(async (server, bot) => {
      const before = provider.calls.length;
      const answers = await Promise.all(
        Array.from({ length: callers }, (_, at) =>
          server.send('POST', '/v1/chat', {
            body: { bot_id: bot, message: 'Hi', user_id: `user-${at}`, stream: at % 2 === 0 },
          }),
        ),
      );
      const refused = answers.filter(({ status }) => status === 429);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(limit);
      expect(refused).toHaveLength(callers - limit);
      expect(refused[0]?.body.error).toMatchObject({ type: 'quota_error', code: 'quota_exceeded' });
      expect(refused[0]?.headers.get('x-should-retry')).toBe('false');
      expect(provider.calls.length - before).toBe(limit);
      expect(await ledgerSum(server)).toBe(limit);
      const { body } = await server.send('GET', '/v1/usage');
      expect(body.messages).toEqual({ used: limit, reserved: 0, limit, remaining: 0, warn_at: null });
    }));

  it('ends at 50 also where streams are left at every phase, and holds no reservation afterwards', () =>
    withServer(async (server, bot) => {
      const before = provider.calls.length;
      const phases = [
        async () => undefined,
        async (reader: Awaited<ReturnType<Server['open']>>) => void (await reader.until('turn.started')),
        async (reader: Awaited<ReturnType<Server['open']>>) => void (await reader.until('reply.delta')),
        async (reader: Awaited<ReturnType<Server['open']>>) => void (await reader.until('turn.completed')),
      ];
      await Promise.all(
        Array.from({ length: callers }, async (_, at) => {
          const reader = await server.open('POST', '/v1/chat', {
            body: { bot_id: bot, message: 'Hi', user_id: `left-${at}`, stream: true },
          });
          if (reader.response.status === 200) await phases[at % phases.length]?.(reader);
          reader.cut();
        }),
      );
      await expect
        .poll(async () => (await server.send('GET', '/v1/usage')).body.messages)
        .toEqual({ used: limit, reserved: 0, limit, remaining: 0, warn_at: null });
      expect(provider.calls.length - before).toBe(limit);
      expect(await ledgerSum(server)).toBe(limit);
    }));

  it('gives back what failed turns had reserved', () =>
    withServer(async (server, bot) => {
      provider.use((call) => call.fail(400));
      const failed = await server.send('POST', '/v1/chat', { body: { bot_id: bot, message: 'Hi' } });
      expect(failed.status).toBe(502);
      provider.use(saying('Yes, of course.'));
      const { body } = await server.send('GET', '/v1/usage');
      expect(body.messages).toMatchObject({ used: 0, reserved: 0 });
    }));

  it('charges nothing in test mode, which has conversations and usage of its own', () =>
    withServer(async (server, bot) => {
      const { body: key } = await server.send('POST', '/v1/keys', {
        body: { name: 'test', type: 'test', scopes: ['all'] },
      });
      const { body: turn } = await server.send('POST', '/v1/chat', {
        key: key.secret,
        body: { bot_id: bot, message: 'Hi', user_id: 'both' },
      });
      expect(turn).toMatchObject({ status: 'completed', usage: { messages: 0 } });
      const { body: live } = await server.send('POST', '/v1/chat', {
        body: { bot_id: bot, message: 'Hi', user_id: 'both' },
      });
      expect(live.conversation_id).not.toBe(turn.conversation_id);
      const { body: usage } = await server.send('GET', '/v1/usage');
      expect(usage.messages).toMatchObject({ used: 1, reserved: 0 });
    }));
});

describe('a plan of three requests a minute', () => {
  it('says what is left, and when to come back once nothing is', async () => {
    const server = await boot({ plan: { requests_per_minute: 3, messages_per_month: 10 } });
    try {
      const first = await server.send('GET', '/v1/bots');
      expect(first.headers.get('ratelimit-policy')).toBe('"permin";q=3;w=60, "month";q=10;w=2592000');
      expect(first.headers.get('ratelimit')).toMatch(/^"permin";r=2;t=\d+$/);
      const chat = await server.send('POST', '/v1/chat', {
        body: { bot_id: server.firstRun?.botId, message: 'How do I stream a reply?' },
      });
      expect(chat.headers.get('ratelimit')).toMatch(/^"permin";r=1;t=\d+, "month";r=9;t=\d+$/);
      await server.send('GET', '/v1/bots');
      const { status, body, headers } = await server.send('GET', '/v1/bots');
      expect([status, body.error.code]).toEqual([429, 'rate_limited']);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      await server.close();
    }
  });
});

describe('a plan of two streams', () => {
  it('refuses the third before anything is stored, and takes it once one has ended', async () => {
    const server = await boot({ providerUrl: provider.url, plan: { concurrent_streams: 2 } });
    try {
      const bot = await server.makeBot();
      const holds: (() => void)[] = [];
      provider.use((call) => {
        call.say('Held');
        holds.push(() => call.end());
      });
      const open = (user: string) =>
        server.open('POST', '/v1/chat', { body: { bot_id: bot, message: 'Hi', user_id: user, stream: true } });
      const readers = await Promise.all([open('a'), open('b')]);
      await Promise.all(readers.map((reader) => reader.until('reply.delta')));
      const refused = await server.send('POST', '/v1/chat', {
        body: { bot_id: bot, message: 'Hi', user_id: 'c', stream: true },
      });
      expect([refused.status, refused.body.error.code]).toEqual([429, 'too_many_streams']);
      const { body: none } = await server.send('GET', '/v1/conversations?user_id=c');
      expect(none.data).toHaveLength(0);
      for (const end of holds) end();
      await Promise.all(readers.map((reader) => reader.done));
      provider.use(saying('Yes, of course.'));
      const third = await open('c');
      await third.done;
      expect(third.events.at(-1)?.event).toBe('turn.completed');
    } finally {
      await server.close();
    }
  });
});
