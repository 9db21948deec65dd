import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChatModel, ChatModelRequest } from '../../src/core/turn/chat-model.ts';
import { askModel, contextMessage, modelContext, modelRequest } from '../ask-model.ts';
import type { ClientRow } from './client-row.ts';
import { describeChat } from './describe-chat.ts';

const key = 'sk-aimock-test-key';
const reply = 'Yes, we ship to Batumi. Доставка три дня. 👋 It costs 5 lari.';

/** By the names of each dialect, of which the server takes its own. */
const usage = {
  prompt_tokens: 21,
  completion_tokens: 17,
  input_tokens: 21,
  output_tokens: 17,
  promptTokenCount: 21,
  candidatesTokenCount: 17,
};

const asking = (overrides: Parameters<typeof modelRequest>[0] = {}): ChatModelRequest =>
  modelRequest({ context: modelContext({ messages: [contextMessage('user', 'Do you ship?')] }), ...overrides });

/** A client against a provider that nobody of this project wrote; the same for every client. */
export const describeAimock = (row: ClientRow, path: string): void => {
  let mock: LLMock;
  let client: ChatModel;

  beforeAll(async () => {
    mock = new LLMock({ port: 0, chunkSize: 4, auth: { apiKeys: [key] } });
    await mock.start();
  });
  afterAll(() => mock.stop());
  beforeEach(() => {
    client = row.create({ baseUrl: `${mock.url}${path}`, key });
    mock.onMessage('ship', { content: reply, usage }, { latency: 2 });
  });
  afterEach(async () => {
    mock.clearChaos();
    mock.reset();
    await client.close();
  });

  describeChat({ name: row.type, reply, client: () => client, request: asking });

  describe('a reply', () => {
    it.each([true, false])('comes without the thinking before it, streamed: %s', async (stream) => {
      mock.reset();
      mock.onMessage('ship', { content: reply, reasoning: 'The user asks about shipping.' });
      expect((await askModel(client, asking({ stream }))).text).toBe(reply);
    });

    it.each(['length', 'stop'])('that ended by %s says so', async (finishReason) => {
      mock.reset();
      mock.onMessage('ship', { content: reply, finishReason });
      expect((await askModel(client, asking())).reply?.finishReason).toBe(finishReason);
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
      mock.nextRequestError(status, { message: 'As told.', type: 'some_error' });
      const failed = await askModel(client, asking());
      expect(failed.error).toMatchObject({ kind, status });
      expect(failed.text).toBe('');
      expect((await askModel(client, asking())).text).toBe(reply);
    });

    it('of a prompt that is too long is told apart', async () => {
      mock.nextRequestError(400, { message: 'prompt is too long', code: 'context_length_exceeded' });
      expect((await askModel(client, asking())).error?.kind).toBe('context_too_long');
    });

    it('of a wrong key is rejected, and the key is not in the message', async () => {
      const stranger = row.create({ baseUrl: `${mock.url}${path}`, key: 'sk-wrong-key-123456' });
      const { error } = await askModel(stranger, asking());
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
      mock.setChaos(chaos);
      for (const stream of [true, false]) {
        const { error, text } = await askModel(client, asking({ stream }));
        expect(text).toBe('');
        expect(error).toMatchObject({ kind, retryable: true });
      }
    });

    it('of a rate limit says how long to wait', async () => {
      mock.setChaos({ rateLimitRate: 1 });
      expect((await askModel(client, asking())).error?.retryAfterMs).toBeGreaterThan(0);
    });

    it.each([
      ['after some chunks', { latency: 5, truncateAfterChunks: 8 }],
      ['after a time', { latency: 20, disconnectAfterMs: 160 }],
    ])('that cuts the stream %s leaves its text, and is an error', async (_name, cut) => {
      mock.reset();
      mock.onMessage('ship', { content: reply }, cut);
      const { text, error } = await askModel(client, asking());
      expect(text).not.toBe('');
      expect(text.length).toBeLessThan(reply.length);
      expect(reply.startsWith(text)).toBe(true);
      expect(error?.kind).toBe('unavailable');
    });
  });

  describe('a slow provider', () => {
    it('meets the limit on the first token', async () => {
      mock.setChaos({ latencyMs: 400 });
      const { error } = await askModel(client, asking({ timeouts: { firstTokenMs: 100 } }));
      expect(error).toMatchObject({ kind: 'timeout', message: 'no answer within the limit (first_token)' });
    });

    it('meets the limit between pieces', async () => {
      mock.reset();
      mock.onMessage('ship', { content: reply }, { latency: 300 });
      const { error } = await askModel(client, asking({ timeouts: { firstTokenMs: 5000, idleMs: 100 } }));
      expect(error).toMatchObject({ kind: 'timeout', message: 'no answer within the limit (idle)' });
    });

    it('is waited for while its pieces come in time', async () => {
      mock.reset();
      // sixteen pieces, which together take longer than one may
      mock.onMessage('ship', { content: reply }, { latency: 60 });
      const { text, error } = await askModel(client, asking({ timeouts: { idleMs: 600 } }));
      expect({ text, error }).toEqual({ text: reply, error: null });
    });
  });

  it('chaos on most requests never yields a wrong text or a second ending', async () => {
    mock.reset();
    mock.onMessage('ship', { content: reply });
    mock.setChaos({ dropRate: 0.2, malformedRate: 0.2, rateLimitRate: 0.2, disconnectRate: 0.2 });
    const asked = await Promise.all(Array.from({ length: 100 }, () => askModel(client, asking())));
    const whole = asked.filter(({ error }) => error === null);
    expect(whole.every(({ text }) => text === reply)).toBe(true);
    expect(asked.every(({ text, late }) => reply.startsWith(text) && late.length === 0)).toBe(true);
    // 0.8^4 of 100 pass; that fewer than 10 or more than 80 do has a chance below one in a million.
    expect(whole.length).toBeGreaterThan(10);
    expect(whole.length).toBeLessThan(80);
  });
};
