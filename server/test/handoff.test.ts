import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventReader } from './api-client.ts';
import { boot, type Server } from './boot.ts';
import { storeKind } from './test-database.ts';
import { type ProviderCall, saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';
import { type Receiver, startReceiver } from './webhook-receiver.ts';

let provider: ScriptedProvider;
let receiver: Receiver;
let server: Server;
let bot: string;

beforeAll(async () => {
  provider = await startScriptedProvider(saying('I am the bot.'));
  receiver = await startReceiver();
  server = await boot({ providerUrl: provider.url, env: { PARLEY_OUTBOUND_ALLOW: receiver.origin } });
  bot = await server.makeBot();
});
afterAll(async () => {
  await server.close();
  await receiver.close();
  await provider.close();
});

let user = '';
let users = 0;
beforeEach(() => {
  users += 1;
  user = `user-${users}`;
  provider.use(saying('I am the bot.'));
});

const chat = (message: string, fields: Record<string, unknown> = {}) =>
  server.send('POST', '/v1/chat', { body: { bot_id: bot, user_id: user, message, ...fields } });
const stream = (message: string) =>
  server.open('POST', '/v1/chat', { body: { bot_id: bot, user_id: user, message, stream: true } });
const change = (conversationId: string, body: Record<string, unknown>) =>
  server.send('PATCH', `/v1/conversations/${conversationId}`, { body });
const reply = (conversationId: string, content: string, headers: Record<string, string> = {}) =>
  server.send('POST', `/v1/conversations/${conversationId}/reply`, { body: { content, author: 'Nino' }, headers });
const said = async (conversationId: string) => {
  const { body } = await server.send('GET', `/v1/conversations/${conversationId}/messages?limit=100`);
  return body.data.toReversed().map((message: { role: string; content: string }) => [message.role, message.content]);
};

/** A conversation of this test's user that a person has taken. */
const takenConversation = async (): Promise<string> => {
  const { body } = await chat('Hello');
  const taken = await change(body.conversation_id, { status: 'human', assignee: 'Nino' });
  expect(taken.body).toMatchObject({ status: 'human', assignee: 'Nino' });
  return body.conversation_id as string;
};

const names = (events: { event: string }[]): string[] => events.map(({ event }) => event);

/** The turn of a stream, once it waits for the person: `turn.started` says that the message is durable, and the turn
 * completes right behind it. */
const waitingTurn = async (reading: EventReader): Promise<string> => {
  const { turn_id: turnId } = (await reading.until('turn.started')).data;
  await expect.poll(async () => (await server.send('GET', `/v1/turns/${turnId}`)).body.status).toBe('completed');
  return turnId as string;
};

describe('a conversation in the hands of a person', () => {
  it('stores a JSON message and answers at once, without a model and without a charge', async () => {
    const id = await takenConversation();
    const calls = provider.calls.length;
    const { body: before } = await server.send('GET', '/v1/usage');
    const turn = await chat('Where is my order?');
    expect(turn).toMatchObject({
      status: 200,
      body: { status: 'completed', finish_reason: 'human', reply: null, usage: { messages: 0 } },
    });
    expect(provider.calls.length).toBe(calls);
    expect((await server.send('GET', '/v1/usage')).body.messages.used).toBe(before.messages.used);
    const answered = await reply(id, 'It leaves today.');
    expect(answered).toMatchObject({
      status: 201,
      body: { role: 'human', content: 'It leaves today.', turn_id: turn.body.id, metadata: { author: 'Nino' } },
    });
    expect((await server.send('GET', `/v1/turns/${turn.body.id}`)).body).toMatchObject({
      finish_reason: 'human',
      reply: { id: answered.body.id, role: 'human', content: 'It leaves today.' },
    });
  });

  it("keeps a stream open until the person has replied, and gives them the person's words", async () => {
    const id = await takenConversation();
    const reading = await stream('Where is my order?');
    const turnId = await waitingTurn(reading);
    expect(names(reading.events)).toEqual(['turn.started']);
    const { body: message } = await reply(id, 'It leaves today, I promise.');
    await reading.done;
    expect(reading.events.map(({ id: place, event }) => [place, event])).toEqual([
      ['1-1', 'turn.started'],
      ['1-2', 'reply.delta'],
      ['1-3', 'turn.completed'],
    ]);
    expect(reading.events[1]?.data).toEqual({ text: 'It leaves today, I promise.' });
    expect(reading.events[2]?.data).toMatchObject({ finish_reason: 'human', reply: { role: 'human', id: message.id } });
    const again = await server.open('GET', `/v1/turns/${turnId}/stream`);
    await again.done;
    expect(again.raw()).toBe(reading.raw());
  });

  it('lets a reader resume from any event, before the reply and after it', async () => {
    const id = await takenConversation();
    const first = await stream('Anybody there?');
    const turnId = await waitingTurn(first);
    first.cut();
    await first.done;
    const waiting = await server.open('GET', `/v1/turns/${turnId}/stream?after=1-1`);
    const fromStart = await server.open('GET', `/v1/turns/${turnId}/stream`);
    await fromStart.until('turn.started');
    await reply(id, 'Yes, here.');
    await Promise.all([waiting.done, fromStart.done]);
    expect(waiting.events.map((event) => event.id)).toEqual(['1-2', '1-3']);
    expect(fromStart.events.map((event) => event.id)).toEqual(['1-1', '1-2', '1-3']);
    for (const place of ['1-1', '1-2', '1-3']) {
      const later = await server.open('GET', `/v1/turns/${turnId}/stream?after=${place}`);
      await later.done;
      const from = place === '1-1' ? 1 : 2;
      expect(later.events).toEqual(fromStart.events.slice(from));
    }
  });

  it.each(['open', 'closed'])('ends the wait without a reply when it becomes %s', async (status) => {
    const id = await takenConversation();
    const reading = await stream('Hello?');
    await waitingTurn(reading);
    expect((await change(id, { status })).body).toMatchObject({ status, assignee: null });
    await reading.done;
    expect(names(reading.events)).toEqual(['turn.started', 'turn.completed']);
    expect(reading.events[1]?.data).toMatchObject({ finish_reason: 'human', reply: null });
    expect(await reply(id, 'Too late')).toMatchObject({
      status: 409,
      body: { error: { code: 'conversation_not_taken' } },
    });
  });

  it.each(['conversation', 'user', 'bot'] as const)(
    'ends the wait as cancelled when the %s is deleted, and that once',
    async (what) => {
      const ownBot = await server.makeBot({ name: 'Leaving' });
      const body = { bot_id: ownBot, user_id: user, message: 'Hello' };
      const { body: opening } = await server.send('POST', '/v1/chat', { body });
      const id = opening.conversation_id as string;
      await change(id, { status: 'human' });
      const reading = await server.open('POST', '/v1/chat', { body: { ...body, stream: true } });
      const turnId = await waitingTurn(reading);
      const late = await server.open('GET', `/v1/turns/${turnId}/stream?after=1-1`);
      const path = {
        conversation: `conversations/${id}`,
        user: `users/${user}`,
        bot: `bots/${ownBot}?confirm=Leaving`,
      };
      expect((await server.send('DELETE', `/v1/${path[what]}`)).status).toBeLessThan(300);
      await Promise.all([reading.done, late.done]);
      expect(names(reading.events)).toEqual(['turn.started', 'turn.cancelled']);
      expect(reading.events.at(-1)).toMatchObject({
        id: '1-2',
        data: { id: turnId, status: 'cancelled', finish_reason: 'cancelled', reply: null },
      });
      expect(late.events).toEqual(reading.events.slice(1));
      expect((await server.send('GET', `/v1/turns/${turnId}`)).status).toBe(404);
    },
  );

  it('answers the latest message; the streams of earlier ones end, and a second reply stands behind', async () => {
    const id = await takenConversation();
    const first = await stream('One more thing');
    await waitingTurn(first);
    const second = await stream('Or two');
    await waitingTurn(second);
    await first.done;
    expect(first.events.at(-1)).toMatchObject({ event: 'turn.completed', data: { reply: null } });
    const answers = await Promise.all([reply(id, 'First answer'), reply(id, 'Second answer')]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    await second.done;
    const [seated, behind] = answers.toSorted(
      (left, right) => (left.body.turn_id === null ? 1 : 0) - (right.body.turn_id === null ? 1 : 0),
    );
    expect(behind?.body.turn_id).toBeNull();
    expect(second.events.at(-1)?.data.reply.content).toBe(seated?.body.content);
    expect((await said(id)).slice(-4)).toEqual([
      ['user', 'One more thing'],
      ['user', 'Or two'],
      ['human', seated?.body.content],
      ['human', behind?.body.content],
    ]);
  });

  it('replies once to the same Idempotency-Key', async () => {
    const id = await takenConversation();
    await chat('Where is it?');
    const headers = { 'idempotency-key': `answer-${user}` };
    const answers = await Promise.all([1, 2, 3].map(() => reply(id, 'On its way.', headers)));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect((await said(id)).filter(([role]: string[]) => role === 'human')).toHaveLength(1);
  });

  it('is given back to the bot, whose model sees what the person said, in order', async () => {
    const id = await takenConversation();
    await chat('Where is my order?');
    await reply(id, 'It leaves today.');
    await reply(id, 'I have added a voucher.');
    await change(id, { status: 'open' });
    const turn = await chat('Thank you!');
    expect(turn.body).toMatchObject({ finish_reason: 'stop', reply: { content: 'I am the bot.' } });
    const seen = provider.calls
      .at(-1)!
      .messages.map(({ content }) => content)
      .join('\n');
    const places = ['Hello', 'Where is my order?', 'It leaves today.', 'I have added a voucher.', 'Thank you!'].map(
      (text) => seen.indexOf(text),
    );
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual(places.toSorted((left, right) => left - right));
  });

  it('counts its waiting streams as streams of the plan', async () => {
    const small = await boot({ providerUrl: provider.url, plan: { concurrent_streams: 1 } });
    try {
      const smallBot = await small.makeBot();
      const body = { bot_id: smallBot, user_id: 'one', message: 'Hello' };
      const { body: turn } = await small.send('POST', '/v1/chat', { body });
      await small.send('PATCH', `/v1/conversations/${turn.conversation_id}`, { body: { status: 'human' } });
      const reading = await small.open('POST', '/v1/chat', { body: { ...body, stream: true } });
      await reading.until('turn.started');
      const refused = await small.send('POST', '/v1/chat', { body: { ...body, stream: true } });
      expect(refused.body.error.code).toBe('too_many_streams');
      reading.cut();
      await reading.done;
    } finally {
      await small.close();
    }
  });
});

describe('taking a conversation', () => {
  it('while a model is answering lets that answer end, and gives the next message to the person', async () => {
    const { promise: asked, resolve: begin } = Promise.withResolvers<ProviderCall>();
    const { body: opening } = await chat('Hello');
    provider.use((call) => {
      call.say('I am ');
      begin(call);
    });
    const running = await stream('Who are you?');
    const call = await asked;
    await running.until('reply.delta');
    await change(opening.conversation_id, { status: 'human' });
    const next = await stream('Is a person there?');
    await next.until('turn.queued');
    const { body: early } = await reply(opening.conversation_id, 'One moment.');
    expect(early.turn_id).toBeNull();
    call.say('the bot.');
    call.end();
    await running.done;
    expect(running.events.at(-1)?.data).toMatchObject({ finish_reason: 'stop', reply: { content: 'I am the bot.' } });
    await waitingTurn(next);
    await reply(opening.conversation_id, 'Yes, I am.');
    await next.done;
    expect(names(next.events)).toEqual(['turn.queued', 'turn.started', 'reply.delta', 'turn.completed']);
    expect((await said(opening.conversation_id)).slice(-5)).toEqual([
      ['user', 'Who are you?'],
      ['assistant', 'I am the bot.'],
      ['user', 'Is a person there?'],
      ['human', 'Yes, I am.'],
      ['human', 'One moment.'],
    ]);
  });

  it.each([
    { limit: 2, end: { event: 'turn.completed', data: { finish_reason: 'stop', usage: { messages: 1 } } } },
    { limit: 1, end: { event: 'turn.failed', data: { error: { code: 'quota_exceeded' } } } },
  ])(
    'and giving it back lets the bot answer what waited meanwhile, as far as a quota of $limit goes',
    async ({ limit, end }) => {
      const ownBot = await server.makeBot({ quota: { messages_per_month: limit } });
      const { promise: asked, resolve: begin } = Promise.withResolvers<ProviderCall>();
      provider.use(begin);
      const calls = provider.calls.length;
      const send = (message: string) =>
        server.send('POST', '/v1/chat', { body: { bot_id: ownBot, user_id: user, message } });
      const running = send('One');
      const call = await asked;
      const { body: list } = await server.send('GET', `/v1/conversations?user_id=${user}`);
      const id = list.data[0].id as string;
      await change(id, { status: 'human' });
      const body = { bot_id: ownBot, user_id: user, message: 'Two' };
      const reading = await server.open('POST', '/v1/chat', { body: { ...body, stream: true } });
      await reading.until('turn.queued');
      const waiting = send('Three');
      await expect.poll(() => server.query(`select 1 from turns where conversation_id = '${id}'`)).toHaveLength(3);
      await change(id, { status: 'open' });
      provider.use(saying('I am the bot.'));
      call.say('I am the bot.');
      call.end();
      expect((await running).body.usage.messages).toBe(1);
      await reading.done;
      const last = await waiting;
      expect(reading.events.at(-1)).toMatchObject(end);
      expect(last).toMatchObject({ status: 429, body: { error: { code: 'quota_exceeded' } } });
      expect(last.headers.get('x-should-retry')).toBe('false');
      expect(provider.calls.length - calls).toBe(limit);
      expect(await server.query(`select used, reserved from quota_periods where owner_id = '${ownBot}'`)).toEqual([
        { used: limit, reserved: 0 },
      ]);
    },
  );

  it('numbers a reply that comes when the log is no longer kept as the stream of a turn that had waited does', async () => {
    const { promise: asked, resolve: begin } = Promise.withResolvers<ProviderCall>();
    provider.use(begin);
    const running = chat('Hello');
    const call = await asked;
    const { body: list } = await server.send('GET', `/v1/conversations?user_id=${user}`);
    const id = list.data[0].id as string;
    await change(id, { status: 'human' });
    const reading = await stream('Is a person there?');
    await reading.until('turn.queued');
    call.say('I am the bot.');
    call.end();
    await running;
    const turnId = await waitingTurn(reading);
    await server.write(`update turn_records set log = null where turn_id = '${turnId}'`);
    reading.cut();
    await reading.done;
    const behind = () =>
      Promise.all(
        ['1-1', '1-2', '1-3'].map((place) => server.open('GET', `/v1/turns/${turnId}/stream?after=${place}`)),
      );
    const early = await behind();
    await early[0]!.until('turn.started');
    await reply(id, 'It leaves today.');
    const late = await behind();
    for (const readers of [early, late]) {
      await Promise.all(readers.map((reader) => reader.done));
      const places = readers.map(({ events }) => events.map(({ id: place, event }) => `${place} ${event}`));
      const [started, delta, completed] = ['1-2 turn.started', '1-3 reply.delta', '1-4 turn.completed'];
      expect(places).toEqual([[started, delta, completed], [delta, completed], [completed]]);
    }
    expect(late.map((reader) => reader.raw())).toEqual(early.map((reader) => reader.raw()));
  });

  it('is told to endpoints, as are replies', async () => {
    const { body: hook } = await server.send('POST', '/v1/webhook_endpoints', {
      body: {
        url: `${receiver.origin}/handoff`,
        events: ['conversation.handoff', 'turn.completed', 'message.created'],
      },
    });
    const id = await takenConversation();
    const { body: turn } = await chat('Where is it?');
    await reply(id, 'Here.');
    await reply(id, 'And there.');
    const got = () =>
      receiver
        .at('/handoff')
        .map(({ body }) => [body.type, body.data.reply?.content ?? body.data.content ?? body.data.assignee ?? null]);
    await expect.poll(() => got().length).toBe(5);
    // the first is made of what there is when it is sent, which may be the reply already
    const types = got().map(([type]) => type);
    expect(types.filter((type) => type === 'turn.completed')).toHaveLength(3);
    expect(got()).toContainEqual(['conversation.handoff', 'Nino']);
    expect(got()).toContainEqual(['message.created', 'And there.']);
    expect(got()).toContainEqual(['turn.completed', 'Here.']);
    const told = receiver.at('/handoff').filter(({ body }) => body.data.id === turn.id);
    expect(new Set(told.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
    await server.send('DELETE', `/v1/webhook_endpoints/${hook.id}`);
  });

  it('crossing a reply and a release leaves either a reply or a refusal, and the stream agrees', async () => {
    for (let round = 0; round < 10; round += 1) {
      user = `crossing-${round}`;
      const id = await takenConversation();
      const reading = await stream('Hello?');
      const turnId = await waitingTurn(reading);
      const [answered] = await Promise.all([reply(id, 'Here I am.'), change(id, { status: 'open' })]);
      await reading.done;
      const end = reading.events.at(-1)!;
      expect([201, 409]).toContain(answered.status);
      expect(end.data.reply?.content ?? null).toBe(answered.status === 201 ? 'Here I am.' : null);
      const stored = await server.send('GET', `/v1/turns/${turnId}`);
      expect(stored.body).toEqual({ ...end.data, feedback: null });
    }
  });
});

describe('a reply', () => {
  it('needs a conversation that somebody has taken, and a text', async () => {
    const { body: turn } = await chat('Hello');
    expect((await reply(turn.conversation_id, 'Hi')).body.error.code).toBe('conversation_not_taken');
    await change(turn.conversation_id, { status: 'human' });
    expect((await reply(turn.conversation_id, ' \n ')).body.error).toMatchObject({
      code: 'invalid_request',
      param: 'content',
    });
    expect((await reply(turn.conversation_id, 'x'.repeat(16_001))).body.error.code).toBe('message_too_long');
    expect((await reply(turn.conversation_id, '\u{1f44b}'.repeat(16_000))).status).toBe(201);
    expect((await reply('conv_01h455vb4pex5vsknk084sn02q', 'Hi')).status).toBe(404);
  });

  it('needs the status human for an assignee', async () => {
    const { body: turn } = await chat('Hello');
    const refused = await change(turn.conversation_id, { assignee: 'Nino' });
    expect(refused.body.error).toMatchObject({ code: 'invalid_request', param: 'assignee' });
  });
});

// only there can several servers have one database
it.each(storeKind === 'postgres' ? ['second'] : [])(
  'a reply through a %s server of the database reaches the stream that waits here',
  async () => {
    const id = await takenConversation();
    const reading = await stream('Hello?');
    await waitingTurn(reading);
    const other = await boot({ providerUrl: provider.url, dataDir: server.dataDir });
    try {
      const body = { content: 'From elsewhere.' };
      const sent = await other.send('POST', `/v1/conversations/${id}/reply`, { key: server.key, body });
      expect(sent.status).toBe(201);
      await reading.done;
      expect(reading.events.at(-1)?.data.reply).toMatchObject({ role: 'human', content: 'From elsewhere.' });
    } finally {
      await other.stop();
    }
  },
);

describe('after a restart', () => {
  it('a reader goes on waiting for the person, from the event it has seen', async () => {
    const first = await boot({ providerUrl: provider.url });
    const ownBot = await first.makeBot();
    const body = { bot_id: ownBot, user_id: 'one', message: 'Hello' };
    const { body: turn } = await first.send('POST', '/v1/chat', { body });
    const conversation = `/v1/conversations/${turn.conversation_id}`;
    await first.send('PATCH', conversation, { body: { status: 'human' } });
    const before = await first.open('POST', '/v1/chat', { body: { ...body, stream: true } });
    const seen = await before.until('turn.started');
    await first.stop();
    await before.done;
    expect(names(before.events)).toEqual(['turn.started']);
    const second = await boot({ providerUrl: provider.url, dataDir: first.dataDir });
    try {
      const headers = { authorization: `Bearer ${first.key}` };
      const after = await second.open('GET', `/v1/turns/${seen.data.turn_id}/stream?after=${seen.id}`, {
        key: first.key,
      });
      await second.send('POST', `${conversation}/reply`, { key: first.key, headers, body: { content: 'Back again.' } });
      await after.done;
      expect(after.events.map(({ id, event }) => [id, event])).toEqual([
        ['1-2', 'reply.delta'],
        ['1-3', 'turn.completed'],
      ]);
      expect(after.events[1]?.data.reply.content).toBe('Back again.');
    } finally {
      await second.close();
    }
  });
});
