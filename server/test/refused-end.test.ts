import { afterAll, beforeAll, expect, it } from 'vitest';
import { turnSeats } from '../src/core/conversation/conversation.ts';
import { boot, type Server } from './boot.ts';
import { type ProviderCall, saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** A turn whose end the database refuses for what it says, and not for want of a disk or a connection. */

let provider: ScriptedProvider;
let server: Server;

beforeAll(async () => {
  provider = await startScriptedProvider(saying('Good day.'));
  server = await boot({ providerUrl: provider.url });
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

/** A row where the reply of the running turn will have its place, and its key. */
const putInTheWay = (id: string) =>
  server.write(`insert into messages (workspace_id, conversation_id, seq, id, role, text, tokens, created_at)
    select workspace_id, conversation_id, seq_base + ${turnSeats - 1}, '${id}', 'assistant', 'x', 1, 1
    from turns where status = 'running'`);

it('ends as failed without a charge, is logged once, and holds up nobody behind it', async () => {
  const bot = await server.makeBot({ user_quota: { messages_per_month: 10 } });
  const chat = (message: string, fields: object = {}) =>
    server.send('POST', '/v1/chat', { body: { bot_id: bot, user_id: 'ada', message, ...fields } });
  const calls: ProviderCall[] = [];
  provider.use((call) => void calls.push(call));
  const first = chat('One');
  await expect.poll(() => calls.length).toBe(1);
  const behind = chat('Two', { on_busy: 'queue' });
  const waiting = async () => (await server.query(`select id from turns where status = 'queued'`)).length;
  await expect.poll(waiting).toBe(1);
  await putInTheWay('msg_in_the_way');
  provider.use(saying('An answer'));
  calls[0]!.say('Never stored');
  calls[0]!.end();

  expect(await first).toMatchObject({ status: 500, body: { error: { code: 'internal_error' } } });
  expect((await behind).body).toMatchObject({ status: 'completed', reply: { content: 'An answer' } });
  const [failed] = await server.query(`select id, error_code, charged from turns where status = 'failed'`);
  expect(failed).toMatchObject({ error_code: 'internal_error' });
  expect(Number(failed?.['charged'])).toBe(0);
  const counters = await server.query('select used, reserved from quota_periods');
  expect(counters.map(({ used, reserved }) => [Number(used), Number(reserved)])).toEqual([
    [1, 0],
    [1, 0],
  ]);
  const errors = server.logged.filter(({ level, msg }) => Number(level) >= 50 && msg !== 'request');
  expect(errors).toMatchObject([{ turn_id: failed?.['id'], msg: 'turn broke' }]);
});

it('ends its stream with an event that has the same number however often it is read', async () => {
  const bot = await server.makeBot();
  const calls: ProviderCall[] = [];
  provider.use((call) => void calls.push(call));
  const reader = await server.open('POST', '/v1/chat', { body: { bot_id: bot, message: 'One', stream: true } });
  const { data } = await reader.until('turn.started');
  await expect.poll(() => calls.length).toBe(1);
  for (const [at, piece] of ['Never ', 'stored ', 'here'].entries()) {
    calls[0]!.say(piece);
    await expect.poll(() => reader.events.length).toBe(at + 2);
  }
  await putInTheWay('msg_in_the_way_too');
  calls[0]!.end();
  await reader.done;
  const end = reader.events.at(-1)!;
  expect([end.id, end.event]).toEqual(['1-5', 'turn.failed']);

  for (const after of [null, '1-3', end.id]) {
    const headers: Record<string, string> = after === null ? {} : { 'last-event-id': after };
    const again = await server.open('GET', `/v1/turns/${data.turn_id}/stream`, { headers });
    await again.done;
    // what stands in the way is all that there is of a reply
    expect(again.events.at(-1)).toMatchObject({ id: end.id, event: end.event });
    expect(again.events.filter(({ event }) => event === 'reply.delta')).toEqual([]);
  }
});
