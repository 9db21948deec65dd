import { describe, expect, it } from 'vitest';
import { modelRequest } from '../../../test/ask-model.ts';
import { Breakers } from './breaker.ts';
import { type CallOptions, type CallResult, createCallModel, type ModelCandidate, modelName } from './call-model.ts';
import { type ChatModel, ChatModelError, type ChatModelReply, type ChatModelRequest } from './chat-model.ts';

type Step = (request: ChatModelRequest, onText: (text: string) => void) => ChatModelReply | Promise<ChatModelReply>;

const says =
  (text: string, finishReason: ChatModelReply['finishReason'] = 'stop'): Step =>
  (_request, onText) => {
    if (text !== '') onText(text);
    return { finishReason, usage: null, citations: null };
  };

const fails =
  (kind: ChatModelError['kind'], options: { retryAfterMs?: number; after?: string } = {}): Step =>
  (_request, onText) => {
    if (options.after !== undefined) onText(options.after);
    throw new ChatModelError(kind, 'as told', options);
  };

/** A candidate whose client does one step after the other; the last one stays. */
const candidate = (name: string, ...steps: Step[]): ModelCandidate & { requests: ChatModelRequest[] } => {
  const requests: ChatModelRequest[] = [];
  const client: ChatModel = {
    contextTokens: () => null,
    close: () => Promise.resolve(),
    reply: async (request, onText) => {
      const step = steps[Math.min(requests.length, steps.length - 1)];
      requests.push(request);
      if (step === undefined) throw new Error('no step');
      return step(request, onText);
    },
  };
  const [provider = '', model = ''] = name.split('/');
  return { provider, model, client, requests };
};

const call = async (
  candidates: readonly ModelCandidate[],
  options: {
    signal?: AbortSignal;
    totalMs?: number;
    maxDelayMs?: number;
    breakers?: Breakers;
    clock?: () => number;
  } = {},
): Promise<{ text: string; result: CallResult }> => {
  const clock = options.clock ?? (() => performance.now());
  const callModel = createCallModel({
    breakers: options.breakers ?? new Breakers(clock),
    retry: { triesPerCandidate: 2, baseDelayMs: 10, maxDelayMs: options.maxDelayMs ?? 2000 },
    clock,
    random: () => 1,
  });
  const { model: _, ...request } = modelRequest({
    signal: options.signal ?? new AbortController().signal,
    timeouts: { totalMs: options.totalMs ?? 5000 },
  });
  let text = '';
  const asked: CallOptions = { candidates, request, onText: (piece) => (text += piece) };
  const result = await callModel(asked);
  return { text, result };
};

const statuses = (result: CallResult): string[] =>
  result.attempts.map(({ model, status, error }) => [model, status, error].filter(Boolean).join(' '));

describe('a chain of models', () => {
  it('is answered by the first', async () => {
    const [first, second] = [candidate('a/one', says('Yes')), candidate('b/two', says('No'))];
    const { text, result } = await call([first, second]);
    expect(text).toBe('Yes');
    expect(result).toMatchObject({ kind: 'completed', candidate: { provider: 'a', model: 'one' } });
    expect(statuses(result)).toEqual(['a/one ok']);
    expect(result.attempts[0]?.firstTokenMs).toBeGreaterThanOrEqual(0);
    expect(second.requests).toHaveLength(0);
    expect(first.requests[0]?.model).toBe('one');
  });

  it('asks a model again that may do better, once', async () => {
    const flaky = candidate('a/one', fails('unavailable'), says('Yes'));
    expect(statuses((await call([flaky])).result)).toEqual(['a/one failed unavailable', 'a/one ok']);
    const broken = candidate('a/one', fails('unavailable'));
    await call([broken]);
    expect(broken.requests).toHaveLength(2);
  });

  it.each(['rejected', 'context_too_long'] as const)('does not repeat what was %s, and goes on', async (kind) => {
    const { text, result } = await call([candidate('a/one', fails(kind)), candidate('builtin', says('Yes'))]);
    expect(text).toBe('Yes');
    expect(statuses(result)).toEqual([`a/one failed ${kind}`, 'builtin ok']);
  });

  it('takes an empty reply for a failure, unless a filter emptied it', async () => {
    const empty = candidate('a/one', says(''));
    const { result } = await call([empty, candidate('b/two', says('', 'content_filter'))]);
    expect(statuses(result)).toEqual(['a/one failed malformed', 'a/one failed malformed', 'b/two ok']);
  });

  it('never goes on once text was given', async () => {
    const second = candidate('b/two', says('No'));
    const { text, result } = await call([candidate('a/one', fails('unavailable', { after: 'Half' })), second]);
    expect(text).toBe('Half');
    expect(result).toMatchObject({ kind: 'failed', textGiven: true, code: 'model_unavailable' });
    expect(result.attempts).toHaveLength(1);
    expect(second.requests).toHaveLength(0);
  });

  it('survives a client that throws what it must not', async () => {
    const broken = candidate('a/one', () => {
      throw new TypeError('a bug');
    });
    expect((await call([broken])).result).toMatchObject({ kind: 'failed', code: 'model_error' });
  });

  it('without a link is unavailable', async () => {
    expect((await call([])).result).toMatchObject({ kind: 'failed', code: 'model_unavailable', attempts: [] });
  });
});

describe('the wait before another try', () => {
  it('is as long as the provider asks', async () => {
    const startedAt = performance.now();
    await call([candidate('a/one', fails('overloaded', { retryAfterMs: 60 }), says('Yes'))]);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(55);
  });

  it('is not made where the provider asks for too much', async () => {
    const first = candidate('a/one', fails('overloaded', { retryAfterMs: 3000 }));
    const { text } = await call([first, candidate('b/two', says('Yes'))]);
    expect(text).toBe('Yes');
    expect(first.requests).toHaveLength(1);
  });

  it('ends when the call is aborted', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 10);
    // longer than this test may take
    const longMs = 600_000;
    const first = candidate('a/one', fails('overloaded', { retryAfterMs: longMs }));
    const { result } = await call([first, candidate('b/two', says('No'))], {
      signal: abort.signal,
      maxDelayMs: longMs,
      totalMs: 2 * longMs,
    });
    expect(result).toMatchObject({ kind: 'aborted', textGiven: false });
    expect(first.requests).toHaveLength(1);
  });
});

describe('the whole time', () => {
  it('is shared by all tries, and no model is asked after it', async () => {
    let now = 0;
    const slow: Step = () => {
      now += 120;
      throw new ChatModelError('timeout', 'as told');
    };
    const [first, second] = [candidate('a/one', slow), candidate('b/two', says('No'))];
    const { result } = await call([first, second], { totalMs: 200, clock: () => now });
    expect(result).toMatchObject({ kind: 'failed', code: 'model_timeout', textGiven: false });
    expect(first.requests.map(({ timeouts }) => timeouts.totalMs)).toEqual([200, 80]);
    expect(second.requests).toHaveLength(0);
  });
});

describe('a failed call has the code', () => {
  it.each([
    ['message_too_long', ['context_too_long']],
    ['message_too_long', ['context_too_long', 'context_too_long']],
    ['model_unavailable', ['context_too_long', 'unavailable']],
    ['model_error', ['rejected', 'context_too_long']],
    ['model_timeout', ['timeout']],
    ['model_timeout', ['unavailable', 'timeout']],
    ['model_error', ['rejected']],
    ['model_error', ['malformed', 'overloaded']],
    ['model_unavailable', ['overloaded', 'unavailable']],
  ] as const)('%s after %j', async (code, kinds) => {
    const chain = kinds.map((kind, index) => candidate(`a/${index}`, fails(kind)));
    expect((await call(chain)).result).toMatchObject({ kind: 'failed', code, textGiven: false });
  });
});

it('a reply that broke off is explained by what broke it', async () => {
  const broken = candidate('b/two', fails('unavailable', { after: 'Half' }));
  const { result } = await call([candidate('a/one', fails('context_too_long')), broken]);
  expect(result).toMatchObject({ kind: 'failed', code: 'model_unavailable', textGiven: true });
});

describe('an aborted call', () => {
  it.each([
    ['before a word', fails('aborted'), false],
    ['after some', fails('aborted', { after: 'Half' }), true],
  ])('ends as aborted %s, and no other model is asked', async (_name, step, textGiven) => {
    const second = candidate('b/two', says('No'));
    const { result } = await call([candidate('a/one', step), second]);
    expect(result).toMatchObject({ kind: 'aborted', textGiven });
    expect(second.requests).toHaveLength(0);
  });
});

describe('a model that keeps failing', () => {
  it('is skipped, and its breaker is its own', async () => {
    const breakers = new Breakers(() => performance.now());
    const broken = candidate('a/one', fails('unavailable'));
    for (let turn = 0; turn < 5; turn += 1) await call([broken], { breakers });
    const { text, result } = await call([broken, candidate('a/two', says('Yes'))], { breakers });
    expect(text).toBe('Yes');
    expect(statuses(result)).toEqual(['a/one skipped', 'a/two ok']);
    expect(broken.requests).toHaveLength(10);
    expect((await call([broken], { breakers })).result).toMatchObject({ kind: 'failed', code: 'model_unavailable' });
  });

  it('is not skipped for refusals and aborts', async () => {
    for (const kind of ['rejected', 'context_too_long', 'aborted'] as const) {
      const breakers = new Breakers(() => performance.now());
      const refused = candidate('a/one', fails(kind));
      for (let turn = 0; turn < 12; turn += 1) await call([refused], { breakers });
      expect(refused.requests).toHaveLength(12);
    }
  });
});

it('a model is named by its provider and itself', () => {
  expect(modelName({ provider: 'a', model: 'b/c' })).toBe('a/b/c');
  expect(modelName({ provider: 'builtin', model: '' })).toBe('builtin');
});

describe('a breaker', () => {
  it("of one workspace's provider keeps nobody from another's of the same name", async () => {
    const breakers = new Breakers(() => performance.now());
    const theirs = { ...candidate('ours/small', fails('unavailable')), workspaceId: 'ws_a' };
    for (let count = 0; count < 20; count++) await call([theirs], { breakers });
    expect((await call([theirs], { breakers })).result.attempts[0]?.status).toBe('skipped');
    const own = { ...candidate('ours/small', says('Hello')), workspaceId: 'ws_b' };
    expect((await call([own], { breakers })).text).toBe('Hello');
  });
});
