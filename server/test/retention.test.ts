import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** What a workspace wants to be kept, and what then is left. */

let provider: ScriptedProvider;
let server: Server;
let bot: string;

beforeAll(async () => {
  provider = await startScriptedProvider(saying('Good day.'));
  server = await boot({ providerUrl: provider.url });
  bot = await server.makeBot();
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

const settings = '/v1/workspace/settings';
const change = (body: unknown, key?: string) =>
  server.send('PATCH', settings, { body, ...(key === undefined ? {} : { key }) });
const chat = async (userId: string, message: string) =>
  (await server.send('POST', '/v1/chat', { body: { bot_id: bot, message, user_id: userId } })).body;
const contentsOf = async (conversationId: string): Promise<string[]> => {
  const { status, body } = await server.send('GET', `/v1/conversations/${conversationId}?messages=100`);
  return status === 404 ? [] : body.messages.data.map(({ content }: { content: string }) => content).toReversed();
};

describe('the settings of a workspace', () => {
  it('keep everything until they say otherwise, and change field by field', async () => {
    const { body } = await server.send('GET', settings);
    expect(body).toMatchObject({ retention_days: null, max_messages_per_conversation: null });
    expect((await change({ retention_days: 30 })).body).toEqual({ ...body, retention_days: 30 });
    const both = await change({ max_messages_per_conversation: 100 });
    expect(both.body).toEqual({ ...body, retention_days: 30, max_messages_per_conversation: 100 });
    await change({ retention_days: null, max_messages_per_conversation: null });
    expect((await server.send('GET', settings)).body).toEqual(body);
  });

  it('are bounded, and need the scope `admin`', async () => {
    for (const wrong of [
      { retention_days: 0 },
      { retention_days: 3651 },
      { retention_days: 1.5 },
      { retention_days: '30' },
      { max_messages_per_conversation: 1 },
      { max_messages_per_conversation: -5 },
      { keep: 3 },
    ]) {
      expect((await change(wrong)).status).toBe(400);
    }
    const { body } = await server.send('POST', '/v1/keys', { body: { name: 'k', scopes: ['users:write', 'chat'] } });
    expect((await change({ retention_days: 1 }, body.secret)).status).toBe(403);
  });

  it('are written to the audit log', async () => {
    await change({ retention_days: 365 });
    const { body } = await server.send('GET', '/v1/audit_log?action=workspace.retention');
    expect(body.data[0]).toMatchObject({ detail: { retention_days: 365, max_messages_per_conversation: null } });
    await change({ retention_days: null });
  });
});

describe('a limit on messages', () => {
  it('removes the oldest turns at once, and receipts show what is gone as null', async () => {
    const turns: { id: string; conversation_id: string }[] = [];
    for (const message of ['first', 'second', 'third']) turns.push(await chat('limited', message));
    const [first, second, third] = turns;
    const shown = async (turn: string | undefined) => {
      const { body } = await server.send('GET', `/v1/turns/${turn}/context`);
      const history = body.sections.find(({ kind }: { kind: string }) => kind === 'history');
      return history.items.map(({ text }: { text: string | null }) => text);
    };
    expect(await shown(third?.id)).toEqual(['first', 'Good day.', 'second', 'Good day.']);
    await change({ max_messages_per_conversation: 4 });
    const left = () => contentsOf(first?.conversation_id ?? '');
    await expect.poll(left).toEqual(['second', 'Good day.', 'third', 'Good day.']);
    expect(await shown(third?.id)).toEqual([null, null, 'second', 'Good day.']);
    expect(await shown(second?.id)).toEqual([null, null]);
    // the turn is still known, and a repeated call is not answered and charged anew
    expect((await server.send('GET', `/v1/turns/${first?.id}`)).body).toMatchObject({
      status: 'completed',
      reply: null,
    });
    await change({ max_messages_per_conversation: null });
  });
});

describe('a limit on age', () => {
  it('removes what was silent for longer, with everything that belongs to it, and nothing else', async () => {
    const old = await chat('old', 'long ago');
    const young = await chat('young', 'just now');
    const monthAgo = Date.now() - 30 * 24 * 60 * 60 * 1_000;
    await server.write(`update conversations set updated_at = ${monthAgo}, created_at = ${monthAgo}
      where id = '${old.conversation_id}'`);
    await change({ retention_days: 7 });
    await expect.poll(() => contentsOf(old.conversation_id)).toEqual([]);
    const rows = () => server.query(`select id from turns where conversation_id = '${old.conversation_id}'`);
    await expect.poll(rows).toEqual([]);
    expect(await contentsOf(young.conversation_id)).toEqual(['just now', 'Good day.']);
    expect((await server.send('GET', '/v1/users/old')).body.counts).toEqual({ conversations: 0, messages: 0 });
    await change({ retention_days: null });
  });
});
