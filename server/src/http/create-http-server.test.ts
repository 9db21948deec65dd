import { fastify } from 'fastify';
import { connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type HttpHarness, startHttp } from '../../test/http-harness.ts';
import { ParleyError } from '../core/error.ts';
import { isId } from '../kit/id.ts';
import { answeredByHand, defineChange, defineRoute } from './define-route.ts';
import { type RegistryParts, registerRoutes } from './register-routes.ts';

let api: HttpHarness;
let runs = 0;

const guarded = { principals: ['key'], scope: 'bots:write' } as const;
const description = { summary: 'For the test', tag: 'Bots', access: guarded } as const;
const plan = { messagesPerMonth: null, warnAt: null, bots: null, memoryMessages: 10, concurrentStreams: null };

const testRoutes = [
  defineChange({
    ...description,
    method: 'POST',
    path: '/test/count',
    operationId: 'testCount',
    secret: true,
    body: z.strictObject({ fail: z.boolean().optional(), text: z.string().optional() }),
    replies: { 201: z.strictObject({ run: z.number(), secret: z.string() }) },
    errors: ['version_mismatch'],
    handler: async (writers, { body, principal }) => {
      await writers.bots.count(principal.workspaceId);
      runs += 1;
      if (body.fail) throw new ParleyError('version_mismatch');
      return { status: 201, body: { run: runs, secret: 'very secret' }, headers: { etag: '"1"' } };
    },
  }),
  defineRoute({
    ...description,
    method: 'GET',
    path: '/test/leak',
    operationId: 'testLeak',
    replies: { 200: z.strictObject({ id: z.string() }) },
    errors: [],
    handler: async () => ({ status: 200, body: Object.assign({ id: 'x' }, { password: 'y' }) }),
  }),
  defineRoute({
    ...description,
    method: 'GET',
    path: '/test/break',
    operationId: 'testBreak',
    query: z.strictObject({ how: z.string() }),
    replies: { 200: z.strictObject({}) },
    errors: ['quota_exceeded', 'conversation_busy'],
    handler: async ({ query, raw }) => {
      if (query.how === 'quota') throw new ParleyError('quota_exceeded', '10 of 10 messages used.');
      if (query.how === 'busy') throw new ParleyError('conversation_busy');
      if (query.how === 'undeclared') throw new ParleyError('turn_log_expired');
      if (query.how === 'stream') {
        raw.hijack();
        raw.raw.writeHead(200, { 'content-type': 'text/event-stream' });
        raw.raw.write(': half\n\n');
        throw new Error('the other half is lost');
      }
      throw new Error('password=hunter2 at /srv/secret.ts');
    },
  }),
  defineRoute({
    ...description,
    method: 'GET',
    path: '/test/stream',
    operationId: 'testStream',
    replies: { 200: z.string() },
    otherContent: { 200: ['text/event-stream'] },
    errors: [],
    handler: async ({ raw }) => {
      raw.hijack();
      raw.raw.writeHead(200, { ...(raw.getHeaders() as Record<string, string>), 'content-type': 'text/event-stream' });
      raw.raw.end('data: whole\n\n');
      return answeredByHand;
    },
  }),
];

beforeAll(async () => {
  api = await startHttp({
    routes: testRoutes,
    plans: [
      { ...plan, name: 'slow', requestsPerMinute: 3 },
      { ...plan, name: 'monthly', requestsPerMinute: null, messagesPerMonth: 100 },
    ],
  });
});
afterAll(() => api.close());

describe('request ids', () => {
  test('every answer has one, and a sane one is kept', async () => {
    const made = await api.send('GET', '/healthz');
    expect(isId('req', made.headers.get('x-request-id') ?? '')).toBe(true);
    const kept = await api.send('GET', '/nowhere', { headers: { 'x-request-id': 'abc-1.2:3_4' } });
    expect(kept.headers.get('x-request-id')).toBe('abc-1.2:3_4');
    expect(kept.body.instance).toBe('abc-1.2:3_4');
  });

  test.each(['x'.repeat(129), 'a b', '{"a":1}', '-x'])('one like %s is replaced', async (given) => {
    const { headers } = await api.send('GET', '/healthz', { headers: { 'x-request-id': given } });
    expect(isId('req', headers.get('x-request-id') ?? '')).toBe(true);
  });
});

describe('authentication', () => {
  test.each([
    ['no header', {}, 'missing_api_key'],
    ['another scheme', { authorization: 'Basic YTpi' }, 'invalid_api_key'],
    ['no key', { authorization: 'Bearer' }, 'invalid_api_key'],
    ['something else', { authorization: 'Bearer sk-123' }, 'invalid_api_key'],
  ])('%s is refused with %j', async (_what, headers, code) => {
    const { status, body, headers: answered } = await api.send('GET', '/v1/bots', { key: null, headers });
    expect(status).toBe(401);
    expect(body.error).toMatchObject({ type: 'authentication_error', code });
    expect(answered.get('www-authenticate')).toBe('Bearer');
    expect(answered.get('content-type')).toBe('application/problem+json; charset=utf-8');
  });

  test('a typo is refused, wherever it is', async () => {
    const { secret } = await api.makeKey();
    for (const at of [4, 9, 20, 40, secret.length - 1]) {
      const other = secret[at] === 'a' ? 'b' : 'a';
      const key = secret.slice(0, at) + other + secret.slice(at + 1);
      expect((await api.send('GET', '/v1/bots', { key })).body.error.code).toBe('invalid_api_key');
    }
  });

  test('who is not let in gets no answer on the body', async () => {
    const { status } = await api.send('POST', '/v1/bots', { key: null, body: '{', headers: {} });
    expect(status).toBe(401);
  });
});

describe('problems', () => {
  const post = (body: string, headers: Record<string, string> = {}) => api.send('POST', '/v1/bots', { body, headers });

  test('are problem+json and an OpenAI error at once', async () => {
    const { body } = await post('{"name":""}', { 'x-request-id': 'r1' });
    expect(body).toEqual({
      type: 'https://parley.dev/errors/invalid_request',
      title: 'The request is not valid',
      status: 400,
      detail: '`name` must not be empty.',
      instance: 'r1',
      error: {
        type: 'invalid_request_error',
        code: 'invalid_request',
        message: '`name` must not be empty.',
        param: 'name',
      },
    });
  });

  test.each([
    ['what is no JSON', '{"name":', 400, 'invalid_json'],
    ['a __proto__', '{"name":"x","__proto__":{"a":1}}', 400, 'invalid_json'],
    ['a __proto__ in an escape', '{"name":"x","\\u005f_proto__":{"a":1}}', 400, 'invalid_json'],
    ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 400, 'invalid_json'],
    ['a NUL character', '{"name":"a\\u0000b"}', 400, 'invalid_json'],
    ['half a surrogate pair', '{"name":"a\\ud800b"}', 400, 'invalid_json'],
    ['a list', '[]', 400, 'invalid_request'],
    ['null', 'null', 400, 'invalid_request'],
    ['too much', `{"name":"${'x'.repeat(1_100_000)}"}`, 413, 'body_too_large'],
  ])('%s is refused', async (_what, text, status, code) => {
    const answer = await post(text);
    expect(answer.status).toBe(status);
    expect(answer.body.error.code).toBe(code);
  });

  test('what is not UTF-8 is refused', async () => {
    const response = await fetch(`${api.origin}/v1/bots`, {
      method: 'POST',
      headers: { authorization: `Bearer ${api.secret}`, 'content-type': 'application/json' },
      body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]),
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('not UTF-8');
  });

  test('an encoded body is refused, and so is a plain one that says it is', async () => {
    for (const body of [gzipSync('{"name":"x"}'), '{"name":"x"}']) {
      const response = await fetch(`${api.origin}/v1/bots`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${api.secret}`,
          'content-type': 'application/json',
          'content-encoding': 'gzip',
        },
        body,
      });
      const problem = (await response.json()) as { detail: string; error: { code: string } };
      expect([response.status, problem.error.code]).toEqual([415, 'unsupported_media_type']);
      expect(problem.detail).toContain('without `content-encoding`');
    }
    expect((await post('{"name":"x"}', { 'content-encoding': 'identity' })).status).toBe(201);
  });

  test('a request without a Host is refused with a problem', async () => {
    const socket = connect(Number(new URL(api.origin).port), '127.0.0.1');
    socket.end('GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n');
    const answer = (await readText(socket)).split('\r\n\r\n');
    expect(answer[0]).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer[0]).toContain('content-type: application/problem+json');
    expect(answer[1]).toContain('needs a `Host` header');
  });

  test('other content types are refused', async () => {
    const { status, body } = await post('name=x', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(status).toBe(415);
    expect(body.error).toMatchObject({
      code: 'unsupported_media_type',
      message: 'Send `content-type: application/json`.',
    });
  });

  test('an id of the wrong form names nothing, and it is said what it looks like', async () => {
    const { status, body } = await api.send('GET', '/v1/bots/my-bot');
    expect(status).toBe(404);
    expect(body).toMatchObject({
      title: 'There is no such object',
      detail: 'There is no such bot: `bot_id` must be the id of a bot, `bot_` and 26 letters and digits.',
      error: { code: 'not_found' },
    });
  });

  test('an unknown path is a 404, a known one with another method a 405 that says which it takes', async () => {
    expect((await api.send('GET', '/v1/nothing')).body.error.code).toBe('not_found');
    const { status, headers, body } = await api.send('PUT', '/v1/bots', {
      body: 'x',
      headers: { 'content-type': 'a/b' },
    });
    expect(status).toBe(405);
    expect(body.error.code).toBe('method_not_allowed');
    expect(new Set(headers.get('allow')?.split(', '))).toEqual(new Set(['GET', 'POST', 'HEAD']));
  });

  test('a field in the query or the path that nobody knows is refused', async () => {
    expect((await api.send('GET', '/v1/bots?limt=3')).body.error).toMatchObject({
      code: 'unknown_field',
      param: 'limt',
    });
    expect((await api.send('GET', '/v1/bots/shop')).status).toBe(404);
    expect((await api.send('DELETE', '/v1/keys/shop', { body: { really: true } })).status).not.toBe(200);
  });

  test('nothing of an unexpected error reaches the caller; the log has it under the request id', async () => {
    const { status, text, headers } = await api.send('GET', '/test/break?how=badly');
    expect(status).toBe(500);
    expect(text).not.toMatch(/hunter2|srv|stack/);
    const line = api.logged.find((entry) => entry['request_id'] === headers.get('x-request-id') && entry['err']);
    expect(JSON.stringify(line)).toContain('hunter2');
  });

  test('clients that retry by themselves are told whether and when', async () => {
    const quota = await api.send('GET', '/test/break?how=quota');
    expect(quota.status).toBe(429);
    expect(quota.headers.get('x-should-retry')).toBe('false');
    expect(quota.headers.get('retry-after')).toBeNull();
    const busy = await api.send('GET', '/test/break?how=busy');
    expect(busy.status).toBe(409);
    expect(busy.headers.get('retry-after')).toBe('1');
  });

  test('a path with broken percent-encoding is refused like any other request', async () => {
    const { status, body, headers } = await api.send('GET', '/v1/bots/%E0%A4%A');
    expect(status).toBe(400);
    expect(body.error.code).toBe('invalid_request');
    expect(headers.get('x-request-id')).toBe(body.instance);
  });

  test('what is not HTTP is told so and hung up on', async () => {
    const { port } = new URL(api.origin);
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('HELLO\r\n\r\n'));
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status: 400 });
  });
});

describe('what a route declares', () => {
  test('an undeclared field in an answer is caught', async () => {
    expect((await api.send('GET', '/test/leak')).status).toBe(500);
  });

  test('an undeclared error code is caught', async () => {
    expect((await api.send('GET', '/test/break?how=undeclared')).status).toBe(500);
  });

  test('a route that bypasses the registry stops the start', () => {
    const server = fastify();
    registerRoutes(server, testRoutes, {} as RegistryParts);
    const bypass = () => server.route({ method: 'GET', url: '/open', handler: () => 'hello' });
    expect(bypass).toThrow('GET /open was not registered through the registry');
  });

  test('two routes of one name stop the start', () => {
    const twice = () => registerRoutes(fastify(), [...testRoutes, ...testRoutes], {} as RegistryParts);
    expect(twice).toThrow('two routes are called testCount');
  });
});

describe('streams written by hand', () => {
  test('carry the request id and the security headers', async () => {
    const { text, headers } = await api.send('GET', '/test/stream', { headers: { 'x-request-id': 's1' } });
    expect(text).toBe('data: whole\n\n');
    expect(headers.get('x-request-id')).toBe('s1');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect((await api.send('HEAD', '/test/stream')).status).toBe(405);
  });

  test('one that fails half-way is cut off, and the log says why', async () => {
    await expect(api.send('GET', '/test/break?how=stream')).rejects.toThrow(TypeError);
    await expect.poll(() => JSON.stringify(api.logged)).toContain('the other half is lost');
    expect(api.logged.at(-1)).toMatchObject({ level: 50, operation: 'testBreak', status: 200 });
  });
});

describe('rate limit', () => {
  test('a plan without limits is told of none', async () => {
    const { headers } = await api.send('GET', '/v1/bots');
    expect(headers.get('ratelimit-policy')).toBeNull();
    expect(headers.get('ratelimit')).toBeNull();
  });

  test('counts requests of the workspace whatever their key, and refuses those above', async () => {
    const workspaceId = await api.makeWorkspace('slow');
    const keys = [(await api.makeKey({ workspaceId })).secret, (await api.makeKey({ workspaceId })).secret];
    const answers = [];
    for (let count = 0; count < 4; count++)
      answers.push(await api.send('GET', '/v1/bots', { key: keys[count % 2] ?? '' }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers[0]?.headers.get('ratelimit-policy')).toBe('"permin";q=3;w=60');
    expect(answers[0]?.headers.get('ratelimit')).toMatch(/^"permin";r=2;t=\d+$/);
    const refused = answers[3];
    expect(refused?.body.error.code).toBe('rate_limited');
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await api.send('GET', '/v1/bots')).status).toBe(200);
  });

  test('the policy of the month is named', async () => {
    const { secret: key } = await api.makeKey({ workspaceId: await api.makeWorkspace('monthly') });
    const { headers } = await api.send('GET', '/v1/bots', { key });
    expect(headers.get('ratelimit-policy')).toBe('"month";q=100;w=2592000');
  });
});

describe('idempotency', () => {
  const count = (key: string, body: unknown = {}, secret?: string) =>
    api.send('POST', '/test/count', {
      body,
      headers: { 'idempotency-key': key },
      ...(secret === undefined ? {} : { key: secret }),
    });

  test('a repeated request gets the first answer, headers included, and says so', async () => {
    const first = await count('a');
    const again = await count('"a"');
    expect(again.status).toBe(201);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('etag')).toBe('"1"');
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(first.headers.get('idempotent-replayed')).toBeNull();
  });

  test('a hundred at once run one time', async () => {
    const before = runs;
    const answers = await Promise.all(Array.from({ length: 100 }, () => count('storm')));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(runs).toBe(before + 1);
  });

  test('another body under the same key is refused, the same fields in another order are not', async () => {
    await count('b', '{"text":"x","fail":false}');
    expect((await count('b', '{"fail":false,"text":"x"}')).headers.get('idempotent-replayed')).toBe('true');
    const { status, body } = await count('b', { text: 'y' });
    expect(status).toBe(422);
    expect(body.error.code).toBe('idempotency_mismatch');
  });

  test('the key of one principal means nothing to another', async () => {
    const first = await count('c');
    const { secret } = await api.makeKey();
    expect((await count('c', {}, secret)).body.run).not.toBe(first.body.run);
  });

  test('a failed request may be tried again under its key', async () => {
    expect((await count('d', { fail: true })).status).toBe(412);
    const before = runs;
    expect((await count('d', { fail: true })).status).toBe(412);
    expect(runs).toBe(before + 1);
    expect((await count('d', {})).status).toBe(201);
  });

  test('after a day a key is forgotten', async () => {
    api.time.offsetMs = -25 * 3_600_000;
    const first = await count('e');
    api.time.offsetMs = 0;
    const later = await count('e');
    expect(later.status).toBe(201);
    expect(later.body.run).toBeGreaterThan(first.body.run);
  });

  test.each(['', 'x'.repeat(256), 'ä', '""'])('the key %j is refused', async (key) => {
    const { status, body } = await count(Buffer.from(key).toString('latin1'));
    expect(status).toBe(400);
    expect(body.error.param).toBe('Idempotency-Key');
  });

  test('the secret in a stored answer cannot be read from the database', async () => {
    await count('sealed one');
    const rows = await api.query('select body, sealed, key from idempotency_keys');
    expect(rows.length).toBeGreaterThan(0);
    for (const { body, sealed, key } of rows) {
      expect(sealed).toBe(1);
      expect(key).not.toContain('sealed one');
      expect(Buffer.from(body as Uint8Array).toString('latin1')).not.toContain('secret');
    }
  });
});

test('while the server stops, connections that are still open are told to come again', async () => {
  const held = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const hold = defineRoute({
    ...description,
    method: 'GET',
    path: '/test/hold',
    operationId: 'testHold',
    access: 'public',
    replies: { 200: z.strictObject({}) },
    errors: [],
    handler: async () => {
      begun.resolve();
      await held.promise;
      return { status: 200, body: {} };
    },
  });
  const stopping = await startHttp({ routes: [hold] });
  const socket = connect(Number(new URL(stopping.origin).port), '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString()));
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.write('GET /test/hold HTTP/1.1\r\nhost: x\r\n\r\n');
  await begun.promise;
  const closed = stopping.close();
  await expect.poll(() => stopping.server.server.listening).toBe(false);
  socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
  held.resolve();
  await ended;
  await closed;
  expect(text).toMatch(/^HTTP\/1\.1 200 /);
  expect(text).toMatch(/HTTP\/1\.1 503 [\s\S]*retry-after: 1[\s\S]*"code":"overloaded"/);
});

describe('operations', () => {
  test('health and readiness answer without a key', async () => {
    expect(await api.send('GET', '/healthz', { key: null })).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await api.send('GET', '/readyz', { key: null })).toMatchObject({ status: 200, body: { status: 'ready' } });
    expect((await api.send('HEAD', '/healthz', { key: null })).status).toBe(200);
  });

  test('metrics open to their token alone, and hold no id and no path', async () => {
    await api.send('GET', '/v1/bots');
    expect((await api.send('GET', '/metrics', { key: null })).status).toBe(401);
    expect((await api.send('GET', '/metrics')).status).toBe(401);
    const { status, text } = await api.send('GET', '/metrics', { key: 'metrics-token' });
    expect(status).toBe(200);
    expect(text).toMatch(/parley_http_request_duration_seconds_count\{operation="listBots",status_class="2xx"\} \d/);
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(text).not.toMatch(/(?:ws|key|bot|req)_[0-9a-hjkmnp-tv-z]{26}|\/v1\//);
  });

  test('a request is logged with its operation, never with its path, its key or what it said', async () => {
    api.logged.length = 0;
    await api.send('GET', '/v1/bots?limit=7&after=secret-cursor');
    await api.send('POST', '/v1/bots', { body: { name: 'confidential' } });
    await expect.poll(() => api.logged.length).toBe(2);
    expect(api.logged[0]).toMatchObject({ level: 30, operation: 'listBots', status: 400 });
    expect(api.logged[1]).toMatchObject({ level: 20, operation: 'createBot', status: 201 });
    expect(api.logged[1]?.['request_id']).toMatch(/^req_/);
    expect(JSON.stringify(api.logged)).not.toMatch(/confidential|secret-cursor|prl_/);
  });
});
