import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChatModel } from '../src/core/turn/chat-model.ts';
import { createOpenAiCompatible } from '../src/model/openai-compatible/client.ts';
import { askModel, contextMessage, modelContext, modelRequest } from './ask-model.ts';

/** The client against a provider that nobody of this project wrote. */
const key = 'sk-aimock-test-key';
const reply = 'Yes, we ship to Batumi. Доставка три дня. 👋 It costs 5 lari.';

let mock: LLMock;
let client: ChatModel;

beforeAll(async () => {
  mock = new LLMock({ port: 0, chunkSize: 4, auth: { apiKeys: [key] } });
  await mock.start();
});
afterAll(() => mock.stop());
beforeEach(() => {
  client = createOpenAiCompatible({ baseUrl: `${mock.url}/v1`, key });
});
afterEach(async () => {
  mock.clearChaos();
  mock.reset();
  await client.close();
});

const asking = (text: string, overrides: Parameters<typeof modelRequest>[0] = {}): ReturnType<typeof modelRequest> =>
  modelRequest({ context: modelContext({ messages: [contextMessage('user', text)] }), ...overrides });

describe('a reply', () => {
  it.each([true, false])('arrives whole, streamed: %s', async (stream) => {
    const usage = { prompt_tokens: 21, completion_tokens: 17, total_tokens: 38 };
    mock.onMessage('ship', { content: reply, usage });
    const asked = await askModel(client, asking('Do you ship?', { stream }));
    expect(asked.text).toBe(reply);
    expect(asked.reply).toEqual({
      finishReason: 'stop',
      usage: { inputTokens: 21, outputTokens: 17 },
      citations: null,
    });
    expect(asked.pieces.length > 1).toBe(stream);
  });

  it.each([true, false])('comes without the thinking before it, streamed: %s', async (stream) => {
    mock.onMessage('ship', { content: reply, reasoning: 'The user asks about shipping.' });
    expect((await askModel(client, asking('Do you ship?', { stream }))).text).toBe(reply);
  });

  it.each([
    ['length', 'length'],
    ['content_filter', 'content_filter'],
    ['stop', 'stop'],
  ])('that ended by %s says so', async (finishReason, expected) => {
    mock.onMessage('ship', { content: reply, finishReason });
    expect((await askModel(client, asking('Do you ship?'))).reply?.finishReason).toBe(expected);
  });

  it('to a conversation with instructions, history and notices is asked for in a form the server takes', async () => {
    mock.onMessage('again', { content: reply });
    const history = [contextMessage('assistant', 'Hello'), contextMessage('system', 'Ana left')];
    const context = modelContext({ history, messages: [contextMessage('user', 'And again?')] });
    await askModel(client, modelRequest({ context, temperature: 0.3, maxReplyTokens: 50 }));
    expect(mock.getLastRequest()?.body).toMatchObject({
      model: 'some-model',
      stream: true,
      temperature: 0.3,
      max_tokens: 50,
      messages: [
        { role: 'system', content: 'You answer for a shop.' },
        { role: 'assistant', content: 'Hello' },
        { role: 'user', content: '(Notice: Ana left)\n\nAnd again?' },
      ],
    });
  });
});

describe('a fault', () => {
  it.each([
    [400, 'rejected'],
    [401, 'rejected'],
    [404, 'rejected'],
    [429, 'overloaded'],
    [500, 'unavailable'],
    [503, 'overloaded'],
    [529, 'overloaded'],
  ])('of status %i is %s, and the next request is answered', async (status, kind) => {
    mock.onMessage('ship', { content: reply });
    mock.nextRequestError(status, { message: 'As told.', type: 'some_error' });
    const failed = await askModel(client, asking('Do you ship?'));
    expect(failed.error).toMatchObject({ kind, status });
    expect(failed.text).toBe('');
    expect((await askModel(client, asking('Do you ship?'))).text).toBe(reply);
  });

  it('of a prompt that is too long is told apart', async () => {
    mock.nextRequestError(400, { message: 'Too long.', code: 'context_length_exceeded' });
    expect((await askModel(client, asking('Do you ship?'))).error?.kind).toBe('context_too_long');
  });

  it('of a wrong key is rejected, and the key is not in the message', async () => {
    mock.onMessage('ship', { content: reply });
    const stranger = createOpenAiCompatible({ baseUrl: `${mock.url}/v1`, key: 'sk-wrong-key-123456' });
    const { error } = await askModel(stranger, asking('Do you ship?'));
    expect(error).toMatchObject({ kind: 'rejected', status: 401 });
    expect(error?.message).not.toContain('sk-wrong');
    await stranger.close();
  });

  it.each([
    ['a dropped request', { dropRate: 1 }, 'unavailable'],
    ['broken JSON', { malformedRate: 1 }, 'malformed'],
    ['a rate limit', { rateLimitRate: 1 }, 'overloaded'],
    ['a cut connection', { disconnectRate: 1 }, 'unavailable'],
  ] as const)('by chaos, %s, is retryable', async (_name, chaos, kind) => {
    mock.onMessage('ship', { content: reply });
    mock.setChaos(chaos);
    for (const stream of [true, false]) {
      const { error, text } = await askModel(client, asking('Do you ship?', { stream }));
      expect(text).toBe('');
      expect(error).toMatchObject({ kind, retryable: true });
    }
  });

  it('of a rate limit says how long to wait', async () => {
    mock.setChaos({ rateLimitRate: 1 });
    expect((await askModel(client, asking('Do you ship?'))).error?.retryAfterMs).toBeGreaterThan(0);
  });

  it('that cuts the stream after some chunks leaves their text, and is an error', async () => {
    mock.onMessage('ship', { content: reply }, { latency: 5, truncateAfterChunks: 4 });
    const { text, error } = await askModel(client, asking('Do you ship?'));
    expect(text).not.toBe('');
    expect(text.length).toBeLessThan(reply.length);
    expect(reply.startsWith(text)).toBe(true);
    expect(error?.kind).toBe('unavailable');
  });

  it('that cuts the stream after a time leaves its text, and is an error', async () => {
    mock.onMessage('ship', { content: reply }, { latency: 20, disconnectAfterMs: 120 });
    const { text, error } = await askModel(client, asking('Do you ship?'));
    expect(text).not.toBe('');
    expect(text.length).toBeLessThan(reply.length);
    expect(reply.startsWith(text)).toBe(true);
    expect(error?.kind).toBe('unavailable');
  });
});

describe('a slow provider', () => {
  it('meets the limit on the first token', async () => {
    mock.onMessage('ship', { content: reply });
    mock.setChaos({ latencyMs: 400 });
    const { error, ms } = await askModel(client, asking('Do you ship?', { timeouts: { firstTokenMs: 100 } }));
    expect(error?.kind).toBe('timeout');
    expect(ms).toBeLessThan(380);
  });

  it('meets the limit between pieces', async () => {
    mock.onMessage('ship', { content: reply }, { latency: 300 });
    const timeouts = { firstTokenMs: 2000, idleMs: 100 };
    expect((await askModel(client, asking('Do you ship?', { timeouts }))).error?.kind).toBe('timeout');
  });

  it('is waited for while its pieces come in time', async () => {
    mock.onMessage('ship', { content: reply }, { latency: 20 });
    const { text, error } = await askModel(client, asking('Do you ship?', { timeouts: { idleMs: 200 } }));
    expect({ text, error }).toEqual({ text: reply, error: null });
  });

  it('is left at once when the request is aborted, and the text so far stays', async () => {
    mock.onMessage('ship', { content: reply }, { latency: 30 });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 200);
    const { text, error } = await askModel(client, asking('Do you ship?', { signal: abort.signal }));
    expect(error?.kind).toBe('aborted');
    expect(text).not.toBe('');
    expect(text.length).toBeLessThan(reply.length);
    expect(reply.startsWith(text)).toBe(true);
  });
});

describe('chaos on every second request', () => {
  it('never yields a wrong text or a second ending', async () => {
    mock.onMessage('ship', { content: reply });
    mock.setChaos({ dropRate: 0.2, malformedRate: 0.2, rateLimitRate: 0.2, disconnectRate: 0.2 });
    const asked = await Promise.all(Array.from({ length: 100 }, () => askModel(client, asking('Do you ship?'))));
    const whole = asked.filter(({ error }) => error === null);
    expect(whole.every(({ text }) => text === reply)).toBe(true);
    expect(asked.every(({ text }) => reply.startsWith(text))).toBe(true);
    // 0.8^4 of 100 pass; that fewer than 10 or more than 80 do has a chance below one in a million.
    expect(whole.length).toBeGreaterThan(10);
    expect(whole.length).toBeLessThan(80);
  });
});
