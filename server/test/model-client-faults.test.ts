import { getEventListeners, once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChatModel } from '../src/core/turn/chat-model.ts';
import { createOpenAiCompatible } from '../src/model/openai-compatible/client.ts';
import { askModel, modelRequest } from './ask-model.ts';
import {
  dataEvent,
  doneEvent,
  FaultProvider,
  finishEvent,
  head,
  reset,
  send,
  sendJson,
  sendSlowly,
  stall,
  textEvent,
} from './fault-provider.ts';

const key = 'sk-canary-4711-secret';

let provider: FaultProvider;
let client: ChatModel;

beforeAll(async () => {
  provider = await FaultProvider.start();
});
afterAll(() => provider.stop());
beforeEach(() => {
  client = createOpenAiCompatible({ baseUrl: provider.url, key });
});
afterEach(() => client.close());

const whole = [textEvent('Yes, '), textEvent('we do.'), finishEvent(), doneEvent];

describe('a streamed answer is understood', () => {
  const usage = { prompt_tokens: 12, completion_tokens: 3 };
  const counted = { inputTokens: 12, outputTokens: 3 };
  const padded = { choices: [{ index: 0, delta: { content: '' }, finish_reason: 'stop' }] };

  it.each([
    ['with everything in its place', [...whole]],
    ['without [DONE]', whole.slice(0, 3)],
    ['with [DONE] twice', [...whole, doneEvent]],
    ['with [DONE] and no finish reason', [textEvent('Yes, we do.'), doneEvent]],
    ['with text after [DONE], which is left out', [...whole, textEvent('more')]],
    ['with comments and blank lines', [': hello\n\n\n', ...whole.flatMap((event) => [':\n', event])]],
    ['with CRLF', whole.map((event) => event.replaceAll('\n', '\r\n'))],
    ['with CR', whole.map((event) => event.replaceAll('\n', '\r'))],
    ['with a byte order mark', ['\uFEFF', ...whole]],
    ['with single line ends between events', whole.map((event) => event.slice(0, -1))],
    ['without the last blank line', [...whole.slice(0, 2), finishEvent().trimEnd()]],
    ['with a cut event after its end', [...whole.slice(0, 3), 'data: {"choices":[{"del']],
    ['with null contents', [textEvent(null), ...whole]],
    ['with contents in parts', [textEvent([{ type: 'text', text: 'Yes, we ' }, 'do.']), ...whole.slice(2)]],
    ['with the finish reason beside an empty text', [textEvent('Yes, we do.'), dataEvent(padded), doneEvent]],
    ['with thinking in the text', [textEvent('\n<thi'), textEvent('nk>hm</th'), textEvent('ink>\n\n'), ...whole]],
    ['with thinking in a member of its own', [dataEvent(thinking('reasoning_content')), ...whole]],
    ['with thinking by its other name', [dataEvent(thinking('reasoning')), ...whole]],
    [
      'with other choices, which are left out',
      [dataEvent({ choices: [{ index: 1, delta: { content: 'No' } }] }), ...whole],
    ],
    ['with the whole message again at the end', [...whole.slice(0, 2), dataEvent(repeated('Yes, we do.')), doneEvent]],
  ])('%s', async (_name, events) => {
    provider.answer(send(head(), ...events));
    const { text, reply, error } = await askModel(client);
    expect({ text, error }).toEqual({ text: 'Yes, we do.', error: null });
    expect(reply).toEqual({ finishReason: 'stop', usage: null, citations: null });
  });

  it.each([
    ['in a chunk of its own', [...whole.slice(0, 3), dataEvent({ choices: [], usage }), doneEvent], counted],
    [
      'in the last chunk',
      [textEvent('a'), dataEvent({ choices: [{ delta: {}, finish_reason: 'stop' }], usage })],
      counted,
    ],
    ['where Groq puts it', [...whole.slice(0, 3), dataEvent({ x_groq: { usage } }), doneEvent], counted],
    ['by other names', [...whole.slice(0, 3), dataEvent({ usage: { input_tokens: 12, output_tokens: 3 } })], counted],
    ['nowhere', whole, null],
    ['with a negative count', [...whole.slice(0, 3), dataEvent({ usage: { ...usage, prompt_tokens: -1 } })], null],
    [
      'with a count beyond reason',
      [...whole.slice(0, 3), dataEvent({ usage: { ...usage, prompt_tokens: 1e15 } })],
      null,
    ],
  ])('with the usage %s', async (_name, events, expected) => {
    provider.answer(send(head(), ...events));
    const { reply, error } = await askModel(client);
    expect(error).toBeNull();
    expect(reply?.usage).toEqual(expected);
  });

  it.each([1, 3, 7])('in packets of %i bytes that cut characters', async (size) => {
    const text = 'Привет 👋 გამარჯობა "so" \\ end';
    const bytes = Buffer.from([textEvent(text), finishEvent(), doneEvent].join(''));
    const packets = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    provider.answer(async (socket) => {
      socket.setNoDelay(true);
      socket.write(head());
      for (const packet of packets) {
        socket.write(packet);
        await new Promise((resolve) => setImmediate(resolve));
      }
      socket.end();
    });
    const asked = await askModel(client);
    expect(asked.text).toBe(text);
    expect(asked.error).toBeNull();
  });

  it('never hands on half a character, a lone surrogate, NUL, or an empty piece', async () => {
    const events = ['a\ud83d', '\udc4b', '', '\ud83d', 'b\udc4b\0', 'c\ud83d'].map(textEvent);
    provider.answer(send(head(), ...events, finishEvent(), doneEvent));
    const { pieces } = await askModel(client);
    expect(pieces.join('')).toBe('a👋\uFFFDb\uFFFD\uFFFDc\uFFFD');
    expect(pieces.every((piece) => piece !== '' && piece.isWellFormed() && !piece.includes('\0'))).toBe(true);
  });

  it('replaces bytes that are no UTF-8', async () => {
    const [before = '', after = ''] = textEvent('x|y').split('|');
    provider.answer(send(head(), before, Buffer.from([0xff, 0xc3]), after, finishEvent(), doneEvent));
    const { text } = await askModel(client);
    expect(text).toMatch(/^x\uFFFD+y$/);
  });

  it('when it comes as one JSON object, with blank lines before it', async () => {
    const value = { choices: [{ message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'length' }], usage };
    provider.answer(send(head(200, { 'content-type': 'application/json' }), '\n\n \n', JSON.stringify(value)));
    const { text, reply } = await askModel(client);
    expect(text).toBe('Yes.');
    expect(reply).toEqual({ finishReason: 'length', usage: counted, citations: null });
  });

  it('without waiting for a connection that stays open after [DONE], which is cut', async () => {
    provider.answer(stall(head(), ...whole));
    const { text, ms } = await askModel(client);
    expect(text).toBe('Yes, we do.');
    expect(ms).toBeLessThan(500);
    await expect.poll(() => provider.connections, { timeout: 3000 }).toBe(0);
  });

  it('without waiting long for a connection that stays open after the finish reason', async () => {
    provider.answer(stall(head(), ...whole.slice(0, 3)));
    const { reply, ms } = await askModel(client);
    expect(reply?.finishReason).toBe('stop');
    expect(ms).toBeLessThan(3000);
  });

  it('when the connection is reset after the finish reason', async () => {
    provider.answer(reset(head(), ...whole.slice(0, 3)));
    const { reply } = await askModel(client);
    expect(reply?.finishReason).toBe('stop');
  });

  it('with a refusal, which is the reply', async () => {
    const refusal = dataEvent({ choices: [{ delta: { refusal: 'I cannot help with that.' } }] });
    provider.answer(send(head(), refusal, finishEvent(), doneEvent));
    const { text, reply } = await askModel(client);
    expect(text).toBe('I cannot help with that.');
    expect(reply?.finishReason).toBe('content_filter');
  });
});

function thinking(member: string): unknown {
  return { choices: [{ index: 0, delta: { [member]: 'Let me think', content: '' } }] };
}

function repeated(content: string): unknown {
  return { choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }] };
}

describe('an answer that is not streamed', () => {
  it('is understood as JSON', async () => {
    const message = { role: 'assistant', content: '<think>hm</think>Yes.', reasoning: 'hm' };
    provider.answer(sendJson({ choices: [{ index: 0, message, finish_reason: 'stop' }] }));
    const { text, error } = await askModel(client, modelRequest({ stream: false }));
    expect({ text, error }).toEqual({ text: 'Yes.', error: null });
    expect(provider.requests[0]?.body).toMatchObject({ stream: false });
    expect(provider.requests[0]?.body).not.toHaveProperty('stream_options');
  });

  it('is understood when it comes as a stream', async () => {
    provider.answer(send(head(), ...whole));
    const { text } = await askModel(client, modelRequest({ stream: false }));
    expect(text).toBe('Yes, we do.');
  });

  it('may take longer than the first token of a stream', async () => {
    provider.answer(async (socket, request) => {
      await wait(150);
      await sendJson({ choices: [{ message: { content: 'Late.' } }] })(socket, request);
    });
    const { text } = await askModel(
      client,
      modelRequest({ stream: false, timeouts: { firstTokenMs: 50, idleMs: 50 } }),
    );
    expect(text).toBe('Late.');
  });

  it.each([
    ['broken JSON', '{"choices":[{"message"'],
    ['no choices', '{"object":"chat.completion"}'],
    ['empty choices', '{"choices":[]}'],
  ])('is malformed with %s', async (_name, body) => {
    provider.answer(send(head(200, { 'content-type': 'application/json' }), body));
    const { error } = await askModel(client, modelRequest({ stream: false }));
    expect(error?.kind).toBe('malformed');
  });
});

describe('an answer that breaks off', () => {
  it.each([
    ['when the connection ends', send(head(), textEvent('Half'))],
    ['when the connection ends within an event', send(head(), textEvent('Half'), 'data: {"cho')],
    ['when the connection is reset', reset(head(), textEvent('Half'))],
    ['when a chunk is cut', send(head(200, { 'transfer-encoding': 'chunked' }), chunked(textEvent('Half')))],
    ['when an error comes in the stream', send(head(), textEvent('Half'), dataEvent({ error: { message: 'down' } }))],
    ['when an error event comes', send(head(), textEvent('Half'), 'event: error\n', dataEvent({ message: 'down' }))],
    ['when the finish reason is an error', send(head(), textEvent('Half'), finishEvent('error'), doneEvent)],
    ['when an event is no JSON', send(head(), textEvent('Half'), 'data: {oops}\n\n', ...whole)],
  ])('keeps its text with the caller and fails %s', async (_name, answer) => {
    provider.answer(answer);
    const { text, error } = await askModel(client);
    expect(text).toBe('Half');
    expect(['unavailable', 'malformed']).toContain(error?.kind);
    expect(error?.retryable).toBe(true);
    expect(provider.requests).toHaveLength(1);
  });

  it('maps an error of the stream by what it says', async () => {
    const errors = [
      [{ message: 'maximum context length is 8192 tokens', code: 'context_length_exceeded' }, 'context_too_long'],
      [{ message: 'slow down', code: 429 }, 'overloaded'],
      [{ message: 'slow down', type: 'rate_limit_error' }, 'overloaded'],
      [{ message: 'bad key', code: 401 }, 'rejected'],
      [{ message: 'no provider', code: 502 }, 'unavailable'],
    ] as const;
    for (const [error, kind] of errors) {
      provider.answer(send(head(), dataEvent({ error })));
      const asked = await askModel(client);
      expect(asked.error?.kind).toBe(kind);
    }
    provider.answer(send(head(), 'event: error\n', dataEvent({ message: 'slow down', type: 'rate_limit' })));
    expect((await askModel(client)).error?.kind).toBe('overloaded');
  });
});

function chunked(body: string): string {
  return `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`;
}

describe('an answer that cannot be understood is malformed', () => {
  it.each([
    ['a page of a proxy', send(head(200, { 'content-type': 'text/html' }), '<html><body>Hello</body></html>')],
    ['nothing', send(head())],
    ['comments alone', send(head(), ': ping\n\n: ping\n\n')],
    ['a body that is said to be compressed', send(head(200, { 'content-encoding': 'gzip' }), ...whole)],
    ['no HTTP', send('SSH-2.0-OpenSSH_9.2\r\n')],
    ['headers beyond the limit', send(head(200, { 'x-long': 'x'.repeat(64 * 1024) }), ...whole)],
    ['a number for an event', send(head(), 'data: 42\n\n')],
  ])('%s', async (_name, answer) => {
    provider.answer(answer);
    const { text, error } = await askModel(client);
    expect({ text, kind: error?.kind }).toEqual({ text: '', kind: 'malformed' });
  });

  it('a line of 10 MB, of which only the limit is read', async () => {
    let sent = 0;
    provider.answer(async (socket) => {
      socket.write(`${head()}data: {"choices":[{"delta":{"content":"`);
      const block = Buffer.alloc(64 * 1024, 'x');
      while (!socket.destroyed && sent < 10 * 1024 * 1024) {
        sent += block.length;
        if (!socket.write(block))
          await Promise.race([wait(100), new Promise((resolve) => socket.once('drain', resolve))]);
      }
    });
    const { error } = await askModel(client);
    expect(error?.kind).toBe('malformed');
    await expect.poll(() => provider.connections).toBe(0);
    expect(sent).toBeLessThan(10 * 1024 * 1024);
  });

  it('a reply longer than the limit', async () => {
    const events = Array.from({ length: 30 }, () => textEvent('y'.repeat(70_000)));
    provider.answer(send(head(), ...events, ...whole));
    const { text, error } = await askModel(client);
    expect(error?.kind).toBe('malformed');
    expect(text.length).toBeLessThanOrEqual(2_000_000);
  });
});

describe('an error status', () => {
  it.each([
    [400, 'rejected'],
    [401, 'rejected'],
    [403, 'rejected'],
    [404, 'rejected'],
    [408, 'unavailable'],
    [413, 'context_too_long'],
    [429, 'overloaded'],
    [500, 'unavailable'],
    [502, 'unavailable'],
    [503, 'overloaded'],
    [504, 'unavailable'],
    [529, 'overloaded'],
  ] as const)('%i is %s', async (status, kind) => {
    provider.answer(sendJson({ error: { message: 'No.', type: 'some_error' } }, status));
    const { error } = await askModel(client);
    expect(error).toMatchObject({ kind, status, message: `status ${status}: some_error: No.` });
    expect(provider.requests).toHaveLength(1);
  });

  it('of a redirect is rejected and not followed', async () => {
    provider.answer(send(head(307, { location: `${provider.url}/elsewhere` })));
    const { error } = await askModel(client);
    expect(error).toMatchObject({ kind: 'rejected', status: 307 });
    expect(provider.requests).toHaveLength(1);
  });

  it('says how long to wait', async () => {
    provider.answer(sendJson({}, 429, { 'retry-after': '7' }));
    expect((await askModel(client)).error?.retryAfterMs).toBe(7000);
    provider.answer(sendJson({}, 429, { 'retry-after-ms': '1500', 'retry-after': '2' }));
    expect((await askModel(client)).error?.retryAfterMs).toBe(1500);
  });

  it('keeps its status when its body stalls, is compressed, cut, or no JSON', async () => {
    const answers = [
      stall(head(503), '{"error":'),
      send(head(503, { 'content-encoding': 'gzip' }), gzipSync('{}')),
      send(head(503), '<html>Bad gateway</html>'),
      reset(head(503), '{"err'),
    ];
    for (const answer of answers) {
      provider.answer(answer);
      const { error } = await askModel(client, modelRequest({ timeouts: { idleMs: 100 } }));
      expect(error).toMatchObject({ kind: 'overloaded', status: 503 });
      expect(error?.message.length).toBeLessThan(400);
    }
  });

  it('is read no further than its beginning', async () => {
    provider.answer(stall(head(500), JSON.stringify({ error: { message: 'Why' } }), ' '.repeat(200_000)));
    const { error, ms } = await askModel(client);
    expect(error).toMatchObject({ kind: 'unavailable', message: 'status 500: Why' });
    expect(ms).toBeLessThan(2000);
  });

  it('of the content filter is a reply without text', async () => {
    const innererror = { code: 'ResponsibleAIPolicyViolation' };
    provider.answer(sendJson({ error: { code: 'content_filter', message: 'filtered', innererror } }, 400));
    const { text, reply } = await askModel(client);
    expect(text).toBe('');
    expect(reply?.finishReason).toBe('content_filter');
  });

  it('never shows the key, however the provider writes it', async () => {
    provider.answer(sendJson({ error: { message: `Wrong key ${key}, or sk-can****cret, or Bearer ${key}` } }, 401));
    const { error } = await askModel(client);
    expect(error?.message).toContain('Wrong key [key]');
    expect(error?.message).not.toMatch(/4711|sk-can/);
  });
});

describe('a server that refuses the form of a request', () => {
  const fault = (message: string, param?: string): unknown => ({ error: { message, ...(param ? { param } : {}) } });
  const ok = send(head(), ...whole);

  it('is asked without stream_options, and the model is remembered', async () => {
    provider.answer(
      sendJson({ detail: [{ loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' }] }, 422),
      ok,
    );
    expect((await askModel(client)).text).toBe('Yes, we do.');
    await askModel(client);
    const sent = provider.requests.map(({ body }) => 'stream_options' in body);
    expect(sent).toEqual([true, false, false]);
    await askModel(client, modelRequest({ model: 'another-model' }));
    expect(provider.requests[3]?.body).toHaveProperty('stream_options');
  });

  it('is asked with max_completion_tokens and without temperature, one refusal after the other', async () => {
    provider.answer(
      sendJson(fault("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", 'max_tokens'), 400),
      sendJson(fault("Unsupported value: 'temperature' does not support 0.2 with this model."), 400),
      ok,
    );
    const request = modelRequest({ temperature: 0.2, maxReplyTokens: 100 });
    expect((await askModel(client, request)).error).toBeNull();
    expect(provider.requests[0]?.body).toMatchObject({ max_tokens: 100, temperature: 0.2 });
    expect(provider.requests[2]?.body).toMatchObject({ max_completion_tokens: 100 });
    expect(provider.requests[2]?.body).not.toHaveProperty('max_tokens');
    expect(provider.requests[2]?.body).not.toHaveProperty('temperature');
  });

  it('is asked without a system message', async () => {
    provider.answer(sendJson(fault('System role not supported'), 400), ok);
    expect((await askModel(client)).error).toBeNull();
    expect(provider.requests[1]?.body['messages']).toEqual([
      { role: 'user', content: 'You answer for a shop.\n\nDo you ship?' },
    ]);
  });

  it('is not asked again where the form was not the fault', async () => {
    provider.answer(sendJson(fault('max_tokens is too large: 100000'), 400));
    expect((await askModel(client, modelRequest({ maxReplyTokens: 100_000 }))).error?.kind).toBe('rejected');
    expect(provider.requests).toHaveLength(1);
  });

  it('is not asked for ever, and nothing is remembered of it', async () => {
    const refuseAll = 'stream_options, temperature, max_tokens, max_completion_tokens: not permitted';
    provider.answer(sendJson(fault(refuseAll), 400));
    const request = modelRequest({ temperature: 0.2, maxReplyTokens: 100 });
    expect((await askModel(client, request)).error?.kind).toBe('rejected');
    expect(provider.requests.length).toBeLessThanOrEqual(6);
    provider.requests.length = 0;
    await askModel(client, request);
    const [first] = provider.requests;
    expect(first?.body).toMatchObject({ stream_options: {}, temperature: 0.2, max_tokens: 100 });
  });
});

describe('a limit on time', () => {
  it.each([
    ['first token, when nothing comes', stall(), { firstTokenMs: 80 }],
    ['first token, when only headers come', stall(head()), { firstTokenMs: 80 }],
    ['first token, when only comments come', sendSlowly(20, head(), ...comments(20)), { firstTokenMs: 80 }],
    ['first token, when only roles come', sendSlowly(20, head(), ...roles(20)), { firstTokenMs: 80 }],
    ['idle, when a piece is the last', stall(head(), textEvent('Half')), { idleMs: 80 }],
    [
      'idle, when bytes trickle',
      sendSlowly(20, head(), textEvent('Half'), ...Array.from('data: {"choices":')),
      { idleMs: 80 },
    ],
    ['whole, when pieces never end', sendSlowly(20, head(), ...words(20)), { totalMs: 80 }],
  ] as const)('ends the request: %s', async (_name, answer, timeouts) => {
    provider.answer(answer);
    const { error, ms } = await askModel(client, modelRequest({ timeouts }));
    expect(error?.kind).toBe('timeout');
    expect(ms).toBeGreaterThan(70);
    expect(ms).toBeLessThan(1000);
    await expect.poll(() => provider.connections).toBe(0);
  });

  it('on the first token is met by thinking', async () => {
    const events = [dataEvent(thinking('reasoning_content')), '', '', ...whole];
    provider.answer(sendSlowly(30, head(), ...events.map((event) => event || ': wait\n\n')));
    const { error } = await askModel(client, modelRequest({ timeouts: { firstTokenMs: 80, idleMs: 2000 } }));
    expect(error).toBeNull();
  });

  it('on connecting ends a request whose connection does not come', async () => {
    const unreachable = createOpenAiCompatible({ baseUrl: provider.url, key, connect: () => undefined });
    const { error, ms } = await askModel(unreachable, modelRequest({ timeouts: { connectMs: 60 } }));
    expect(error?.kind).toBe('timeout');
    expect(ms).toBeLessThan(1000);
  });
});

function comments(count: number): string[] {
  return Array.from({ length: count }, () => ': ping\n\n');
}

function roles(count: number): string[] {
  return Array.from({ length: count }, () => dataEvent({ choices: [{ delta: { role: 'assistant', content: '' } }] }));
}

function words(count: number): string[] {
  return Array.from({ length: count }, () => textEvent('more '));
}

describe('an aborted request', () => {
  it.each([
    ['before the answer', stall()],
    ['in the middle of it', stall(head(), textEvent('Half'))],
    ['in an error', stall(head(500), '{')],
  ])('ends at once and cuts the connection %s', async (_name, answer) => {
    provider.answer(answer);
    const abort = new AbortController();
    const asking = askModel(client, modelRequest({ signal: abort.signal }));
    await expect.poll(() => provider.requests.length).toBe(1);
    await wait(30);
    const abortedAt = performance.now();
    abort.abort();
    const { error } = await asking;
    expect(error?.kind).toBe('aborted');
    expect(performance.now() - abortedAt).toBeLessThan(100);
    await expect.poll(() => provider.connections, { interval: 5 }).toBe(0);
  });

  it('is not sent where the signal was aborted before', async () => {
    provider.answer(send(head(), ...whole));
    const { error } = await askModel(client, modelRequest({ signal: AbortSignal.abort() }));
    expect(error?.kind).toBe('aborted');
    expect(provider.requests).toHaveLength(0);
  });

  it('ends while the connection is being made', async () => {
    const unreachable = createOpenAiCompatible({ baseUrl: provider.url, key, connect: () => undefined });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 20);
    const { error, ms } = await askModel(unreachable, modelRequest({ signal: abort.signal }));
    expect(error?.kind).toBe('aborted');
    expect(ms).toBeLessThan(1000);
  });
});

describe('a connection that cannot be made is unavailable', () => {
  it.each([
    ['refused', 'http://127.0.0.1:1/v1'],
    ['no such name', 'http://no-such-host.invalid/v1'],
  ])('%s', async (_name, baseUrl) => {
    const lost = createOpenAiCompatible({ baseUrl, key });
    const { error } = await askModel(lost);
    expect(error).toMatchObject({ kind: 'unavailable', status: null });
    await lost.close();
  });

  it('no TLS', async () => {
    const plain = createServer((socket) => socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const { port } = plain.address() as AddressInfo;
    const lost = createOpenAiCompatible({ baseUrl: `https://127.0.0.1:${port}/v1`, key });
    const { error } = await askModel(lost);
    expect(error).toMatchObject({ kind: 'unavailable', status: null });
    await lost.close();
    plain.close();
  });
});

describe('a request', () => {
  it('carries the key in its header alone, and asks for nothing packed', async () => {
    provider.answer(send(head(), ...whole));
    await askModel(client);
    const [request] = provider.requests;
    expect(request?.line).toBe('POST /v1/chat/completions HTTP/1.1');
    expect(request?.headers).toMatchObject({ authorization: `Bearer ${key}`, 'accept-encoding': 'identity' });
    const { authorization: _, ...rest } = request?.headers ?? {};
    expect(JSON.stringify([rest, request?.body])).not.toContain(key);
  });

  it('leaves no listener and no timer behind, however it ended', async () => {
    const { signal } = new AbortController();
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    for (const answer of [send(head(), ...whole), send(head(), textEvent('Half')), sendJson({}, 500), reset()]) {
      provider.answer(answer);
      for (let index = 0; index < 5; index += 1) await askModel(client, modelRequest({ signal }));
    }
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    // Not one for each request; undici keeps some of its own.
    expect(timers()).toBeLessThan(before + 10);
  });

  it('reuses a connection, and ten at once get their own replies', async () => {
    provider.answer((socket, { body }) => {
      const events = [textEvent(String(body['model'])), ...whole.slice(2)].join('');
      socket.write(
        `${head(200, { connection: 'keep-alive', 'transfer-encoding': 'chunked' })}${chunked(events)}0\r\n\r\n`,
      );
    });
    const names = Array.from({ length: 10 }, (_, index) => `model-${index}`);
    const asked = await Promise.all(names.map((model) => askModel(client, modelRequest({ model }))));
    expect(asked.map(({ text }) => text)).toEqual(names);
    const before = provider.connections;
    for (let index = 0; index < 5; index += 1) await askModel(client);
    expect(provider.connections).toBe(before);
  });
});
