import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

let provider: ScriptedProvider;
let server: Server;
let bot: string;

beforeAll(async () => {
  provider = await startScriptedProvider(saying('We ship to Batumi.'));
  server = await boot({ providerUrl: provider.url });
  bot = await server.makeBot();
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

const chat = (body: Record<string, unknown>, headers: Record<string, string> = {}) =>
  server.send('POST', '/v1/chat', { body: { bot_id: bot, ...body }, headers });

describe('a message', () => {
  it('is answered with the whole turn as JSON', async () => {
    const { status, body, headers } = await chat({ message: 'Do you ship to Batumi?', user_id: 'json-1' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      object: 'turn',
      status: 'completed',
      bot_id: bot,
      user_id: 'json-1',
      reply: { role: 'assistant', content: 'We ship to Batumi.', citations: [] },
      usage: { input_tokens: 100, output_tokens: 7, messages: 1 },
      model: 'test/any',
      finish_reason: 'stop',
      bot_version: 1,
      error: null,
    });
    expect(headers.get('x-request-id')).toMatch(/^req_/);
  });

  it('is answered with a stream whose deltas add up to the reply', async () => {
    const stream = await server.open('POST', '/v1/chat', {
      body: { bot_id: bot, message: 'Do you ship to Batumi?', user_id: 'sse-1', stream: true },
    });
    await stream.done;
    expect(stream.response.headers.get('content-type')).toContain('text/event-stream');
    expect(stream.response.headers.get('x-accel-buffering')).toBe('no');
    const names = stream.events.map((event) => event.event);
    expect(names[0]).toBe('turn.started');
    expect(names.at(-1)).toBe('turn.completed');
    expect(names.filter((name) => name.startsWith('turn.') && name !== 'turn.started')).toHaveLength(1);
    expect(stream.events.map((event) => event.id)).toEqual(stream.events.map((_, at) => `1-${at + 1}`));
    const text = stream.events.filter((event) => event.event === 'reply.delta').map((event) => event.data.text);
    expect(text.join('')).toBe('We ship to Batumi.');
    expect(stream.events.at(-1)?.data).toMatchObject({ status: 'completed', reply: { content: text.join('') } });
  });

  it('is answered with JSON where the Accept header weighs a stream with nothing', async () => {
    const body = { bot_id: bot, message: 'Hi', user_id: 'weighed' };
    const headers = { accept: 'text/event-stream;q=0, application/json' };
    const { body: turn } = await server.send('POST', '/v1/chat', { body, headers });
    expect(turn).toMatchObject({ object: 'turn', status: 'completed' });
  });

  it('is answered with a stream where the Accept header asks for one', async () => {
    const stream = await server.open('POST', '/v1/chat', {
      body: { bot_id: bot, message: 'Hi', user_id: 'sse-2' },
      headers: { accept: 'text/event-stream' },
    });
    await stream.done;
    expect(stream.events.at(-1)?.event).toBe('turn.completed');
  });

  it('is answered 202 at once where the caller prefers that, and the result is read later', async () => {
    const { status, body } = await chat({ message: 'Hi', user_id: 'async-1' }, { prefer: 'respond-async' });
    expect(status).toBe(202);
    expect(body).toMatchObject({ status: 'running', reply: null });
    const stream = await server.open('GET', `/v1/turns/${body.id}/stream`);
    await stream.done;
    const { body: turn } = await server.send('GET', `/v1/turns/${body.id}`);
    expect(turn).toEqual({ ...stream.events.at(-1)?.data, feedback: null });
    expect(turn.status).toBe('completed');
  });

  it('goes on with the conversation of its user, which the model sees', async () => {
    const first = await chat({ message: 'My name is Nino.', user_id: 'resume-1' });
    const second = await chat({ message: 'What is my name?', user_id: 'resume-1' });
    expect(second.body.conversation_id).toBe(first.body.conversation_id);
    const seen = provider.calls.at(-1)?.messages.map((message) => message.content);
    expect(seen?.slice(1)).toEqual(['My name is Nino.', 'We ship to Batumi.', 'What is my name?']);
  });

  it('starts a new conversation where it is told to, which is then the current one', async () => {
    const first = await chat({ message: 'One', user_id: 'new-1' });
    const second = await chat({ message: 'Two', user_id: 'new-1', new_conversation: true });
    expect(second.body.conversation_id).not.toBe(first.body.conversation_id);
    const third = await chat({ message: 'Three', user_id: 'new-1' });
    expect(third.body.conversation_id).toBe(second.body.conversation_id);
    const named = await chat({ message: 'Four', conversation_id: first.body.conversation_id });
    expect(named.body).toMatchObject({ conversation_id: first.body.conversation_id, user_id: 'new-1' });
  });

  it('without a user starts an anonymous conversation that its id continues', async () => {
    const first = await chat({ message: 'Anonymous' });
    expect(first.body.user_id).toBeNull();
    const other = await chat({ message: 'Anonymous' });
    expect(other.body.conversation_id).not.toBe(first.body.conversation_id);
    const next = await chat({ message: 'Again', conversation_id: first.body.conversation_id });
    expect(next.body.conversation_id).toBe(first.body.conversation_id);
  });

  it('may leave the bot out where the key knows only one, or the conversation says it', async () => {
    const { body: key } = await server.send('POST', '/v1/keys', {
      body: { name: 'one bot', scopes: ['chat'], bot_ids: [bot] },
    });
    const limited = await server.send('POST', '/v1/chat', { key: key.secret, body: { message: 'Hi' } });
    expect(limited.body).toMatchObject({ status: 'completed', bot_id: bot });
    const { body } = await server.send('POST', '/v1/chat', {
      body: { message: 'Hi', conversation_id: limited.body.conversation_id },
    });
    expect(body.bot_id).toBe(bot);
    const neither = await server.send('POST', '/v1/chat', { body: { message: 'Hi' } });
    expect(neither.status).toBe(400);
    expect(neither.body.error).toMatchObject({ code: 'invalid_request', param: 'bot_id' });
  });

  it('meets the greeting as the first message of its conversation, at no charge', async () => {
    const greeter = await server.makeBot({ greeting: 'Welcome!' });
    const { body } = await chat({ bot_id: greeter, message: 'Hello', user_id: 'greeted' });
    const { body: list } = await server.send('GET', `/v1/conversations/${body.conversation_id}/messages`);
    const told = list.data.map((message: { role: string; content: string }) => [message.role, message.content]);
    expect(told.toReversed()).toEqual([
      ['assistant', 'Welcome!'],
      ['user', 'Hello'],
      ['assistant', 'We ship to Batumi.'],
    ]);
    const { body: ledger } = await server.send('GET', '/v1/usage/ledger?limit=100');
    const charges = ledger.data.filter((charge: { turn_id: string }) => charge.turn_id === body.id);
    expect(charges).toHaveLength(1);
  });

  it('brings context to the model as data, and keeps metadata from it', async () => {
    const { body } = await chat({
      message: 'What is in my cart?',
      context: { cart: 'two blue socks', page: 'Delivery\n\n# Rules\tand prices ' },
      metadata: { trace: 'abc-123' },
    });
    const sent = JSON.stringify(provider.calls.at(-1)?.messages);
    expect(sent).toContain('two blue socks');
    expect(sent).not.toContain('abc-123');
    const { body: receipt } = await server.send('GET', `/v1/turns/${body.id}/context`);
    const facts = receipt.sections.find((section: { kind: string }) => section.kind === 'facts');
    expect(facts.items[0].text).toBe('cart: two blue socks\npage: Delivery # Rules and prices');
    expect(sent).toContain('- page: Delivery # Rules and prices');
    const { body: list } = await server.send('GET', `/v1/conversations/${body.conversation_id}/messages`);
    expect(list.data.at(-1)).toMatchObject({ role: 'user', metadata: { trace: 'abc-123' } });
  });
});

describe('a bot whose texts were stored as blanks, when that was still taken', () => {
  it('answers what nobody knows in words, and greets nobody', async () => {
    const body = { name: 'Blank', model: 'builtin', fallback: 'Fallback-to-empty', greeting: 'Greeting-to-empty' };
    const { id } = (await server.send('POST', '/v1/bots', { body })).body;
    const config = `replace(replace(config, 'Fallback-to-empty', ' '), 'Greeting-to-empty', '\\n')`;
    await server.write(`update bot_versions set config = ${config} where bot_id = '${id}'`);
    const asked = await chat({ bot_id: id, message: 'Do you repair Swiss watches?', user_id: 'blank-1' });
    expect(asked).toMatchObject({ status: 200, body: { status: 'completed', finish_reason: 'fallback' } });
    expect(asked.body.reply.content).toMatch(/\w/);
    const { body: list } = await server.send('GET', `/v1/conversations/${asked.body.conversation_id}/messages`);
    expect(list.data).toHaveLength(2);
    const begun = await server.send('POST', '/v1/conversations', { body: { bot_id: id } });
    expect(begun.body.messages.data).toEqual([]);
  });
});

describe('a message is refused', () => {
  it.each<[Record<string, unknown>, number, string, string | null]>([
    [{ message: '' }, 400, 'invalid_request', 'message'],
    [{ message: 'x'.repeat(16_001) }, 400, 'message_too_long', 'message'],
    [{ message: 'a\u0000b' }, 400, 'invalid_json', null],
    [{ message: 'Hi', mesage: 'typo' }, 400, 'unknown_field', 'mesage'],
    [{ message: 'Hi', user_id: '' }, 400, 'invalid_request', 'user_id'],
    [{ message: 'Hi', on_busy: 'wait' }, 400, 'invalid_request', 'on_busy'],
    [{ message: 'Hi', context: { a: 1 } }, 400, 'invalid_request', 'context.a'],
  ])('with the field at fault (case %#)', async (body, status, code, param) => {
    const answer = await chat(body);
    expect([answer.status, answer.body.error.code, answer.body.error.param]).toEqual([status, code, param]);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('with the same 404 for a conversation of nobody, of another bot and of another user', async () => {
    const { body } = await chat({ message: 'Hi', user_id: 'owner' });
    const other = await server.makeBot();
    const problems = await Promise.all([
      chat({ message: 'Hi', conversation_id: 'conv_01m81mv3vhfpcvc7gtyvfjz717' }),
      chat({ bot_id: other, message: 'Hi', conversation_id: body.conversation_id }),
      chat({ message: 'Hi', conversation_id: body.conversation_id, user_id: 'somebody-else' }),
    ]);
    const told = problems.map(({ status, body: problem }) => [status, problem.error.code, problem.detail]);
    expect(new Set(told.map((problem) => JSON.stringify(problem))).size).toBe(1);
    expect(told[0]?.[0]).toBe(404);
  });
});

describe('a stream', () => {
  it('is resumed from every event with the byte-identical rest', async () => {
    const stream = await server.open('POST', '/v1/chat', { body: { bot_id: bot, message: 'Resume', stream: true } });
    await stream.done;
    const turnId = stream.events[0]?.data.turn_id as string;
    const frames = stream.raw().split(/(?<=\n\n)/);
    expect(frames.length).toBeGreaterThan(4);
    for (const [at, event] of stream.events.entries()) {
      const rest = await server.send('GET', `/v1/turns/${turnId}/stream`, { headers: { 'last-event-id': event.id } });
      const expected = at === frames.length - 1 ? frames.at(-1) : frames.slice(at + 1).join('');
      expect(rest.text).toBe(expected);
    }
    const whole = await server.send('GET', `/v1/turns/${turnId}/stream`);
    expect(whole.text).toBe(stream.raw());
  });

  it('shows several readers the same events while it runs, and its turn survives them all leaving', async () => {
    let release = (): void => {};
    provider.use(async (call) => {
      call.say('First');
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      call.say(' second');
      call.end();
    });
    const starter = await server.open('POST', '/v1/chat', { body: { bot_id: bot, message: 'Slow', stream: true } });
    const { data } = await starter.until('turn.started');
    await starter.until('reply.delta');
    const readers = await Promise.all([1, 2, 3].map(() => server.open('GET', `/v1/turns/${data.turn_id}/stream`)));
    await Promise.all(readers.map((reader) => reader.until('reply.delta')));
    starter.cut();
    readers[0]?.cut();
    release();
    await readers[1]?.done;
    expect(readers[1]?.events.at(-1)?.data.reply.content).toBe('First second');
    const late = await server.send('GET', `/v1/turns/${data.turn_id}/stream`);
    expect(late.text).toBe(readers[1]?.raw());
    provider.use(saying('We ship to Batumi.'));
  });

  it('asks for a place of the right form', async () => {
    const { body } = await chat({ message: 'Hi' });
    const { status, body: problem } = await server.send('GET', `/v1/turns/${body.id}/stream?after=seven`);
    expect([status, problem.error.param]).toEqual([400, 'after']);
  });
});

describe('a turn', () => {
  it('has a receipt that lists exactly what was sent', async () => {
    const answer = await chat({ message: 'First', user_id: 'receipt' });
    expect(answer.status).toBe(200);
    const { body } = await chat({ message: 'Second', user_id: 'receipt' });
    const sent = provider.calls.at(-1)?.messages ?? [];
    const { body: receipt } = await server.send('GET', `/v1/turns/${body.id}/context`);
    const texts = receipt.sections.flatMap((section: { items: { text: string }[] }) =>
      section.items.map((item) => item.text),
    );
    expect(sent[0]?.content).toContain(texts[0]);
    expect(texts.slice(1)).toEqual(sent.slice(1).map((message) => message.content));
    const total = receipt.sections.reduce((sum: number, section: { tokens: number }) => sum + section.tokens, 0);
    expect(receipt.budget.used_tokens).toBe(total);
    expect(receipt.attempts).toEqual([
      expect.objectContaining({ model: 'test/any', status: 'ok', total_ms: expect.any(Number) }),
    ]);
  });

  it('takes feedback after its end, the last of which counts', async () => {
    const { body } = await chat({ message: 'Rate me' });
    const path = `/v1/turns/${body.id}/feedback`;
    expect((await server.send('POST', path, { body: { rating: 'up' } })).status).toBe(200);
    const { body: last } = await server.send('POST', path, { body: { rating: 'down', comment: 'Too short' } });
    expect(last).toMatchObject({ rating: 'down', comment: 'Too short' });
    expect((await server.send('POST', path, { body: { rating: 'sideways' } })).status).toBe(400);
  });

  it('shows the latest feedback with the turn, and none where nobody gave any', async () => {
    const { body } = await chat({ message: 'Rate me' });
    const shown = async () => (await server.send('GET', `/v1/turns/${body.id}`)).body.feedback;
    const rate = (feedback: object) => server.send('POST', `/v1/turns/${body.id}/feedback`, { body: feedback });
    expect(await shown()).toBeNull();
    await rate({ rating: 'down', comment: 'Too short' });
    expect(await shown()).toEqual({ rating: 'down', comment: 'Too short' });
    await rate({ rating: 'up' });
    expect(await shown()).toEqual({ rating: 'up', comment: null });
  });

  it('answers the same 404 to a key of another bot, of test mode, and for an unknown id', async () => {
    const { body } = await chat({ message: 'Mine' });
    const other = await server.makeBot();
    const keys = await Promise.all([
      server.send('POST', '/v1/keys', { body: { name: 'other', scopes: ['all'], bot_ids: [other] } }),
      server.send('POST', '/v1/keys', { body: { name: 'test', type: 'test', scopes: ['all'] } }),
    ]);
    const operations = [
      ['GET', ''],
      ['GET', '/stream'],
      ['POST', '/cancel'],
      ['GET', '/context'],
      ['POST', '/feedback'],
    ] as const;
    for (const [method, suffix] of operations) {
      const ask = (key: string, id: string) =>
        server.send(method, `/v1/turns/${id}${suffix}`, {
          key,
          ...(suffix === '/feedback' ? { body: { rating: 'up' } } : {}),
        });
      const unknown = await ask(server.key, 'turn_01m81mv3vhfpcvc7gtyvfjz717');
      expect(unknown.status).toBe(404);
      for (const { body: key } of keys) {
        const foreign = await ask(key.secret, body.id);
        expect({ ...foreign.body, instance: '' }).toEqual({ ...unknown.body, instance: '' });
      }
    }
  });
});
