import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventReader } from './api-client.ts';
import { boot, type Server } from './boot.ts';
import { type ProviderCall, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** What happens to messages that meet a running turn, and to turns that are stopped. */

let provider: ScriptedProvider;
let server: Server;
let bot: string;
let held: ProviderCall[];

/** Every call says what it is an answer to, and waits for the test to end it; `silent` keeps one from saying anything. */
const holding = (call: ProviderCall): void => {
  const question = call.messages.findLast((message) => message.role === 'user')?.content;
  if (question !== 'silent') call.say(`to ${question}`);
  held.push(call);
};

const heldCall = async (number: number): Promise<ProviderCall> => {
  await expect.poll(() => held.length).toBeGreaterThanOrEqual(number);
  return held[number - 1]!;
};

beforeAll(async () => {
  provider = await startScriptedProvider(holding);
  server = await boot({ providerUrl: provider.url });
  bot = await server.makeBot();
});
beforeEach(() => {
  held = [];
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

const stream = (body: Record<string, unknown>): Promise<EventReader> =>
  server.open('POST', '/v1/chat', { body: { bot_id: bot, stream: true, ...body } });
const chat = (body: Record<string, unknown>) => server.send('POST', '/v1/chat', { body: { bot_id: bot, ...body } });
const transcript = async (conversationId: string): Promise<[string, string][]> => {
  const { body } = await server.send('GET', `/v1/conversations/${conversationId}/messages?limit=100`);
  return body.data
    .toReversed()
    .map((message: { role: string; content: string }) => [message.role, message.content] as const);
};

describe('a message to a busy conversation', () => {
  it('waits in line by default, and is answered in its turn, in the order of the questions', async () => {
    const user = 'queue';
    const first = await stream({ message: 'one', user_id: user });
    await first.until('reply.delta');
    const second = await stream({ message: 'two', user_id: user });
    await second.until('turn.queued');
    const third = await stream({ message: 'three', user_id: user });
    await third.until('turn.queued');
    expect(held).toHaveLength(1);
    (await heldCall(1)).end();
    await first.done;
    (await heldCall(2)).end();
    (await heldCall(3)).end();
    await Promise.all([second.done, third.done]);
    expect(second.events.map((event) => event.event)).toEqual([
      'turn.queued',
      'turn.started',
      'reply.delta',
      'turn.completed',
    ]);
    const seen = (await heldCall(3)).messages.slice(1).map((message) => message.content);
    expect(seen).toEqual(['one', 'to one', 'two', 'to two', 'three']);
    expect(await transcript(first.events[0]?.data.conversation_id)).toEqual([
      ['user', 'one'],
      ['assistant', 'to one'],
      ['user', 'two'],
      ['assistant', 'to two'],
      ['user', 'three'],
      ['assistant', 'to three'],
    ]);
  });

  it('is refused once five wait', async () => {
    const user = 'full';
    const first = await stream({ message: 'one', user_id: user });
    await first.until('reply.delta');
    const waiting = await Promise.all(['2', '3', '4', '5', '6'].map((message) => stream({ message, user_id: user })));
    await Promise.all(waiting.map((reader) => reader.until('turn.queued')));
    const { status, body, headers } = await chat({ message: '7', user_id: user });
    expect([status, body.error.code]).toEqual([429, 'too_many_queued']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    for (let number = 1; number <= 6; number++) (await heldCall(number)).end();
    await Promise.all(waiting.map((reader) => reader.done));
  });

  it('is refused with 409 where the caller says reject, and leaves nothing behind', async () => {
    const user = 'reject';
    const first = await stream({ message: 'one', user_id: user });
    await first.until('reply.delta');
    const { status, body, headers } = await chat({ message: 'two', user_id: user, on_busy: 'reject' });
    expect([status, body.error.code]).toEqual([409, 'conversation_busy']);
    expect(headers.get('retry-after')).toBe('1');
    (await heldCall(1)).end();
    await first.done;
    expect(await transcript(first.events[0]?.data.conversation_id)).toEqual([
      ['user', 'one'],
      ['assistant', 'to one'],
    ]);
  });

  it('ends the running turn where the caller says interrupt, whose text is kept and charged', async () => {
    const user = 'interrupt';
    const first = await stream({ message: 'one', user_id: user });
    await first.until('reply.delta');
    const second = await stream({ message: 'two', user_id: user, on_busy: 'interrupt' });
    await first.done;
    expect(first.events.at(-1)).toMatchObject({
      event: 'turn.interrupted',
      data: { status: 'interrupted', reply: { content: 'to one' }, usage: { messages: 1 } },
    });
    await expect.poll(() => held[0]?.aborted).toBe(true);
    (await heldCall(2)).end();
    await second.done;
    expect(second.events.at(-1)?.data.reply.content).toBe('to two');
  });

  it('joins the waiting turn where the caller says merge: one turn, one reply, one charge', async () => {
    const user = 'merge';
    const first = await stream({ message: 'one', user_id: user });
    await first.until('reply.delta');
    const second = await stream({ message: 'two', user_id: user, on_busy: 'merge' });
    await second.until('turn.queued');
    const third = await stream({ message: 'three', user_id: user, on_busy: 'merge' });
    await third.until('turn.queued');
    const answer = chat({ message: 'four', user_id: user, on_busy: 'merge' });
    await expect.poll(async () => (await transcript(first.events[0]?.data.conversation_id)).length).toBe(4);
    (await heldCall(1)).end();
    const merged = await heldCall(2);
    merged.end();
    await Promise.all([second.done, third.done]);
    const turns = [second.events.at(-1)?.data, third.events.at(-1)?.data, (await answer).body];
    expect(new Set(turns.map((turn) => turn.id)).size).toBe(1);
    expect(turns[0].usage.messages).toBe(1);
    const told = merged.messages
      .slice(3)
      .map((message) => message.content)
      .join('\n\n');
    expect(told).toBe('two\n\nthree\n\nfour');
    const { body: ledger } = await server.send('GET', '/v1/usage/ledger?limit=100');
    expect(ledger.data.filter((charge: { turn_id: string }) => charge.turn_id === turns[0].id)).toHaveLength(1);
  });
});

describe('messages that are merged, and together are more than a call may be', () => {
  it.each([
    {
      what: 'their context',
      of: {
        contexts: ['a', 'b'].map((of) => Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`${of}${n}`, 'x']))),
      },
      text: '',
    },
    { what: 'their text', of: { contexts: [{}, {}] }, text: 'word '.repeat(600) },
  ])('in $what wait for each other, and all are answered', async ({ what, of: { contexts }, text }) => {
    const small = await server.makeBot({ context_tokens: 1_500, max_reply_tokens: 100 });
    const fields = { bot_id: small, user_id: what, on_busy: 'merge' };
    const first = await stream({ ...fields, message: 'one' });
    await first.until('reply.delta');
    const second = await stream({ ...fields, message: `two ${text}`, context: contexts[0] });
    await second.until('turn.queued');
    const third = await stream({ ...fields, message: `three ${text}`, context: contexts[1] });
    await third.until('turn.queued');
    (await heldCall(1)).end();
    (await heldCall(2)).end();
    (await heldCall(3)).end();
    await Promise.all([second.done, third.done]);
    const ends = [second, third].map((reader) => reader.events.at(-1));
    expect(ends.map((end) => end?.event)).toEqual(['turn.completed', 'turn.completed']);
    expect(ends[0]?.data.id).not.toBe(ends[1]?.data.id);
  });
});

describe('cancelling', () => {
  it('stops a running turn, keeps its text and lets the next one run', async () => {
    const user = 'cancel';
    const first = await stream({ message: 'one', user_id: user });
    await first.until('reply.delta');
    const second = await stream({ message: 'two', user_id: user });
    const turnId = first.events[0]?.data.turn_id as string;
    const { status, body } = await server.send('POST', `/v1/turns/${turnId}/cancel`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'cancelled',
      finish_reason: 'cancelled',
      reply: { content: 'to one' },
      usage: { messages: 1 },
    });
    await first.done;
    expect(first.events.at(-1)?.event).toBe('turn.cancelled');
    await expect.poll(() => held[0]?.aborted).toBe(true);
    (await heldCall(2)).end();
    await second.done;
    expect(second.events.at(-1)?.event).toBe('turn.completed');
    const again = await server.send('POST', `/v1/turns/${turnId}/cancel`);
    expect(again.body).toEqual(body);
  });

  describe('a call that nobody reads along with', () => {
    const callOf = async (user: string, fields: Record<string, unknown>, headers: Record<string, string> = {}) => {
      const body = { bot_id: bot, message: 'one', user_id: user, ...fields };
      const answered = server.send('POST', '/v1/chat', { body, headers });
      const call = await heldCall(1);
      const { body: found } = await server.send('GET', `/v1/conversations?user_id=${user}`);
      const { body: messages } = await server.send('GET', `/v1/conversations/${found.data[0].id}/messages`);
      const turnId = messages.data.find(({ content }: { content: string }) => content === 'one').turn_id as string;
      return { answered, call, turnId };
    };

    it('costs nothing where a single model was asked for the whole', async () => {
      const { answered, call, turnId } = await callOf('cancel-json', {});
      expect(call.stream).toBe(false);
      const { body } = await server.send('POST', `/v1/turns/${turnId}/cancel`);
      expect(body).toMatchObject({ status: 'cancelled', reply: null, usage: { messages: 0 } });
      expect((await answered).body).toEqual(body);
      // the model, which has not said the rest, is not asked for it any more
      await expect.poll(() => call.aborted).toBe(true);
    });

    it.each(['fallback models', 'respond-async'])('is kept and charged with %s', async (why) => {
      const fallen = why === 'fallback models' ? await server.makeBot({ fallback_models: ['builtin'] }) : bot;
      const headers = why === 'respond-async' ? { prefer: why } : {};
      const { answered, call, turnId } = await callOf(`cancel-${fallen}`, { bot_id: fallen }, headers);
      expect(call.stream).toBe(true);
      const reader = await server.open('GET', `/v1/turns/${turnId}/stream`);
      await reader.until('reply.delta');
      const { body } = await server.send('POST', `/v1/turns/${turnId}/cancel`);
      expect(body).toMatchObject({ status: 'cancelled', reply: { content: 'to one' }, usage: { messages: 1 } });
      await reader.done;
      expect((await answered).status).toBe(why === 'respond-async' ? 202 : 200);
      await expect.poll(() => call.aborted).toBe(true);
    });
  });

  it('ends a waiting turn without a charge, and its readers see how it ended', async () => {
    const user = 'cancel-waiting';
    const first = await stream({ message: 'one', user_id: user });
    await first.until('reply.delta');
    const second = await stream({ message: 'two', user_id: user });
    const queued = await second.until('turn.queued');
    const { body } = await server.send('POST', `/v1/turns/${queued.data.turn_id}/cancel`);
    expect(body).toMatchObject({ status: 'cancelled', reply: null, usage: { messages: 0 } });
    await second.done;
    expect(second.events.map((event) => event.event)).toEqual(['turn.queued', 'turn.cancelled']);
    const replayed = await server.send('GET', `/v1/turns/${queued.data.turn_id}/stream`);
    expect(replayed.text).toBe(second.raw());
    (await heldCall(1)).end();
    await first.done;
    const third = await stream({ message: 'three', user_id: user });
    (await heldCall(2)).end();
    await third.done;
    expect(third.events.at(-1)?.event).toBe('turn.completed');
  });
});

describe('deleting a conversation', () => {
  it('ends its turns without a charge and leaves nothing to be found', async () => {
    const user = 'delete';
    // text that was stored would be charged
    const first = await stream({ message: 'silent', user_id: user });
    await first.until('turn.started');
    await heldCall(1);
    const second = await stream({ message: 'two', user_id: user });
    await second.until('turn.queued');
    const { turn_id: turnId, conversation_id: conversationId } = first.events[0]!.data;
    const deleted = await server.send('DELETE', `/v1/conversations/${conversationId}`);
    expect(deleted.status).toBe(200);
    await Promise.all([first.done, second.done]);
    await expect.poll(() => held[0]?.aborted).toBe(true);
    expect((await server.send('GET', `/v1/conversations/${conversationId}`)).status).toBe(404);
    await expect.poll(async () => (await server.send('GET', `/v1/turns/${turnId}`)).status).toBe(404);
    const { body } = await server.send('GET', '/v1/usage');
    expect(body.messages.reserved).toBe(0);
    const { body: ledger } = await server.send('GET', '/v1/usage/ledger?limit=100');
    expect(ledger.data.filter((charge: { turn_id: string }) => charge.turn_id === turnId)).toHaveLength(0);
  });
});

describe('a conversation in the hands of a person', () => {
  it('keeps the message and ends the turn without asking a model', async () => {
    const { body: conversation } = await server.send('POST', '/v1/conversations', {
      body: { bot_id: bot, user_id: 'handed-over' },
    });
    await server.send('PATCH', `/v1/conversations/${conversation.id}`, { body: { status: 'human' } });
    const { body } = await chat({ message: 'Is a person there?', user_id: 'handed-over' });
    expect(body).toMatchObject({ status: 'completed', finish_reason: 'human', reply: null, usage: { messages: 0 } });
    expect(held).toHaveLength(0);
    expect(await transcript(conversation.id)).toEqual([['user', 'Is a person there?']]);
  });
});

describe('the end of a turn', () => {
  it('is told once, however close a cancel comes to it', async () => {
    for (let round = 0; round < 20; round++) {
      const reader = await stream({ message: 'race', user_id: `race-${round}` });
      const { data } = await reader.until('turn.started');
      const call = await heldCall(round + 1);
      call.end();
      await server.send('POST', `/v1/turns/${data.turn_id}/cancel`);
      await reader.done;
      const ends = reader.events.filter(({ event }) => /^turn\.(completed|cancelled|failed|interrupted)$/.test(event));
      expect(ends).toHaveLength(1);
    }
  });

  it('comes to a reader of a long reply that joins while it runs', async () => {
    const text = 'word '.repeat(20);
    const reader = await stream({ message: 'long', user_id: 'long' });
    const call = await heldCall(1);
    for (let piece = 0; piece < 6_000; piece++) call.say(text);
    const { data } = await reader.until('turn.started');
    await expect.poll(() => reader.events.length).toBeGreaterThan(6_000);
    const late = await server.open('GET', `/v1/turns/${data.turn_id}/stream`);
    await expect.poll(() => late.events.length).toBeGreaterThan(6_000);
    call.end();
    await Promise.all([reader.done, late.done]);
    expect(late.raw()).toBe(reader.raw());
    expect(late.events.at(-1)?.event).toBe('turn.completed');
  });
});

describe('a slow reader', () => {
  it('gets every byte of a long reply, however often it pauses', async () => {
    const reader = await stream({ message: 'long', user_id: 'slow' });
    const { data } = await reader.until('turn.started');
    const call = await heldCall(1);
    for (let piece = 0; piece < 3_500; piece++) call.say('\u0001'.repeat(1_000));
    call.end();
    await reader.done;
    const headers = { authorization: `Bearer ${server.key}` };
    const response = await new Promise<IncomingMessage>((resolve) => {
      get(`${server.url}/v1/turns/${data.turn_id}/stream`, { headers }, resolve);
    });
    let bytes = 0;
    let pauses = 0;
    for await (const part of response) {
      bytes += (part as Buffer).length;
      if (bytes < (pauses + 1) * 100_000) continue;
      pauses += 1;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(bytes).toBe(Buffer.byteLength(reader.raw()));
    expect(pauses).toBeGreaterThan(20);
  });
});

describe('a reply that was read before its conversation was deleted', () => {
  it('is charged as a cancelled one is', async () => {
    const reader = await stream({ message: 'take it and go', user_id: 'thief' });
    await reader.until('reply.delta');
    const { turn_id: turnId, conversation_id: conversationId } = reader.events[0]!.data;
    // stored text has its receipt with it
    await expect.poll(async () => (await server.send('GET', `/v1/turns/${turnId}/context`)).status).toBe(200);
    await server.send('DELETE', `/v1/conversations/${conversationId}`);
    await reader.done;
    const { body: ledger } = await server.send('GET', '/v1/usage/ledger?limit=100');
    expect(ledger.data.filter((charge: { turn_id: string }) => charge.turn_id === turnId)).toHaveLength(1);
    const { body: usage } = await server.send('GET', '/v1/usage');
    expect(usage.messages.reserved).toBe(0);
  });
});
