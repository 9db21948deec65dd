import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ChatModelError } from '../../core/turn/chat-model.ts';
import { FaultProvider, head, reset, send, sendJson, stall } from '../../../test/fault-provider.ts';
import { createEmbeddingClient } from './embedding-client.ts';

const key = 'sk-canary-1234567890';
const signal = new AbortController().signal;

const clientOf = (baseUrl: string, change: { dimensions?: number } = {}) => {
  const client = createEmbeddingClient({ baseUrl, key, provider: 'local', model: 'e5', dimensions: null, ...change });
  onTestFinished(() => client.close());
  return client;
};

const base64 = (numbers: number[]): string => Buffer.from(Float32Array.from(numbers).buffer).toString('base64');
const answer = (...embeddings: unknown[]) =>
  sendJson({ data: embeddings.map((embedding, index) => ({ index, embedding })), usage: { prompt_tokens: 7 } });

describe('a server nobody of this project wrote', () => {
  let mock: LLMock;
  beforeAll(async () => {
    mock = new LLMock({ port: 0, auth: { apiKeys: [key] } });
    await mock.start();
  });
  afterAll(() => mock.stop());

  it('gives a vector for each text', async () => {
    mock.onEmbedding(/./, { embedding: [3, 0, 4, 0] });
    const { vectors } = await clientOf(`${mock.url}/v1`).embed(['wool', 'silk'], { timeoutMs: 5_000, signal });
    expect(vectors.map((vector) => [...vector].map((number) => Math.round(number * 10) / 10))).toEqual([
      [0.6, 0, 0.8, 0],
      [0.6, 0, 0.8, 0],
    ]);
  });
});

describe('a server that answers as the test says', () => {
  let provider: FaultProvider;
  beforeAll(async () => {
    provider = await FaultProvider.start();
  });
  afterAll(() => provider.stop());
  afterEach(() => provider.answer());

  const embed = (texts: string[], change: { dimensions?: number; timeoutMs?: number } = {}) =>
    clientOf(provider.url, change).embed(texts, { timeoutMs: change.timeoutMs ?? 5_000, signal });
  const failing = async (texts: string[], change: Parameters<typeof embed>[1] = {}): Promise<ChatModelError> => {
    const error = await embed(texts, change).catch((thrown: unknown) => thrown);
    if (!(error instanceof ChatModelError)) throw new Error('it should have failed');
    return error;
  };

  it('is asked for base64 once, with the key, at the address of embeddings', async () => {
    provider.answer(answer([1, 0], [0, 2]));
    const { vectors, tokens } = await embed(['a', 'b']);
    expect(vectors).toEqual([Float32Array.of(1, 0), Float32Array.of(0, 1)]);
    expect(tokens).toBe(7);
    const [request] = provider.requests;
    expect(request?.line).toBe('POST /v1/embeddings HTTP/1.1');
    expect(request?.headers['authorization']).toBe(`Bearer ${key}`);
    expect(request?.body).toEqual({ model: 'e5', input: ['a', 'b'], encoding_format: 'base64' });
  });

  it('may answer in base64, and in any order', async () => {
    provider.answer(
      sendJson({
        data: [
          { index: 1, embedding: base64([0, 5]) },
          { index: 0, embedding: base64([2, 0]) },
        ],
      }),
    );
    expect(await embed(['a', 'b'])).toEqual({ vectors: [Float32Array.of(1, 0), Float32Array.of(0, 1)], tokens: null });
  });

  it('that refuses base64 is asked for numbers, and from then on at once', async () => {
    provider.answerBy((request) =>
      request.body['encoding_format'] === undefined
        ? answer([1, 0])
        : sendJson({ error: { message: 'encoding_format is not supported' } }, 400),
    );
    const client = clientOf(provider.url);
    await client.embed(['a'], { timeoutMs: 5_000, signal });
    await client.embed(['b'], { timeoutMs: 5_000, signal });
    expect(provider.requests.map(({ body }) => body['encoding_format'])).toEqual(['base64', undefined, undefined]);
  });

  it('is asked for a length, which is part of the name, and held to it', async () => {
    provider.answer(answer([1, 0]));
    expect(clientOf(provider.url, { dimensions: 16 }).name).toBe('local/e5#16');
    const error = await failing(['a'], { dimensions: 16 });
    expect(provider.requests[0]?.body['dimensions']).toBe(16);
    expect(error).toMatchObject({ kind: 'rejected', message: 'the model does not make vectors of 16 dimensions' });
  });

  it.each([
    ['no JSON', send(head(200), '{"data":[')],
    ['no vectors', sendJson({ object: 'list' })],
    ['too few', answer([1, 0])],
    ['too many', answer([1, 0], [1, 0], [1, 0])],
    [
      'one index twice',
      sendJson({
        data: [
          { index: 0, embedding: [1] },
          { index: 0, embedding: [1] },
        ],
      }),
    ],
    [
      'an index beyond them',
      sendJson({
        data: [
          { index: 0, embedding: [1] },
          { index: 9, embedding: [1] },
        ],
      }),
    ],
    ['vectors of two lengths', answer([1, 0], [1])],
    ['a word among numbers', answer([1, 0], [1, 'x'])],
    ['nulls', answer([1, 0], null)],
    ['zeros', answer([1, 0], [0, 0])],
    ['an empty vector', answer([], [])],
    ['bytes that are no floats', answer('AAA=', 'AAA=')],
    ['not a number', answer(base64([Number.NaN, 1]), base64([1, 1]))],
    ['a stream', send(head(200), 'data: {"data":[]}\n\n')],
  ])('with %s is not believed', async (_name, wrong) => {
    provider.answer(wrong);
    expect((await failing(['a', 'b'])).kind).toBe('malformed');
  });

  it.each([
    [401, 'rejected'],
    [429, 'overloaded'],
    [500, 'unavailable'],
    [503, 'overloaded'],
  ] as const)('and status %i is %s, without the key in its words', async (status, kind) => {
    provider.answer(sendJson({ error: { message: `the key ${key} is wrong` } }, status));
    const error = await failing(['a']);
    expect(error.kind).toBe(kind);
    expect(`${error.message} ${String(error.cause)}`).not.toContain('canary');
  });

  it('that is silent is given up in time, and one that breaks off is unavailable', async () => {
    provider.answer(stall(head(200)));
    expect((await failing(['a'], { timeoutMs: 60 })).kind).toBe('timeout');
    provider.answer(reset(head(200, { 'content-length': '100' }), '{"data"'));
    expect((await failing(['a'])).kind).toBe('unavailable');
  });

  it('is not asked for more texts than one request may have', async () => {
    expect((await failing(Array.from({ length: 65 }, () => 'a'))).kind).toBe('rejected');
    expect(provider.requests).toEqual([]);
  });
});
