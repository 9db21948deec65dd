import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publicOperations } from '../src/http/public-routes.ts';
import { boot, type Server } from './boot.ts';

let server: Server;
beforeAll(async () => {
  server = await boot({ env: { PARLEY_METRICS_TOKEN: 'metrics-token-of-a-test' } });
});
afterAll(() => server.close());

describe('routes without a principal', () => {
  it('are these and no others', () => {
    expect(Object.keys(publicOperations).toSorted()).toEqual([
      'acceptInvitation',
      'checkHealth',
      'checkReadiness',
      'describeApi',
      'readEmbedConnection',
      'readEmbedPage',
      'readEmbedScript',
      'readEmbedStyle',
      'readMetrics',
      'readReference',
      'readReferenceScript',
      'readReferenceStart',
    ]);
  });

  it('are all that the description lets anybody call, and every other refuses who shows no key', async () => {
    const { body } = await server.send('GET', '/openapi.json', { key: null });
    const open: string[] = [];
    for (const [path, operations] of Object.entries<Record<string, { operationId: string; security: unknown[] }>>(
      body.paths,
    )) {
      for (const [method, { operationId, security }] of Object.entries(operations)) {
        if (security.length === 0) {
          open.push(operationId);
          continue;
        }
        const sent = await server.send(method.toUpperCase(), path.replaceAll(/\{[^}]*\}/g, 'x'), { key: null });
        expect([sent.status, sent.body.error?.code], operationId).toEqual([401, 'missing_api_key']);
      }
    }
    expect(Object.keys(publicOperations)).toEqual(expect.arrayContaining(open));
    expect(open).toContain('acceptInvitation');
  });
});

describe('a request', () => {
  /** Sends headers as they are, one line each, which fetch would join. */
  const sendRaw = (headers: Record<string, string | string[]>, body: string) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const sent = request(
        `${server.url}/v1/bots`,
        {
          method: 'POST',
          headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json', ...headers },
        },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });

  it('with two Idempotency-Keys is refused, and with one of commas is not', async () => {
    const before = (await server.send('GET', '/v1/bots?limit=100')).body.data.length;
    const two = await sendRaw({ 'idempotency-key': ['one', 'two'] }, '{"name":"twice"}');
    expect(two.status).toBe(400);
    expect(JSON.parse(two.text).error).toMatchObject({ code: 'invalid_request', param: 'Idempotency-Key' });
    expect((await server.send('GET', '/v1/bots?limit=100')).body.data).toHaveLength(before);
    expect((await sendRaw({ 'idempotency-key': 'one, two' }, '{"name":"commas"}')).status).toBe(201);
  });

  it.each([
    ['names a field twice', '{"name":"a","name":"b"}', 'invalid_json'],
    ['names a field twice, once with an escape', '{"name":"a","\\u006eame":"b"}', 'invalid_json'],
    ['names `__proto__`', '{"name":"a","__proto__":{"x":1}}', 'invalid_json'],
    ['names a constructor', '{"name":"a","constructor":{"prototype":{"x":1}}}', 'unknown_field'],
    ['nests 10,000 levels deep', `{"name":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 'invalid_json'],
    ['nests 400,000 levels deep', `{"name":${'[{"a":'.repeat(200_000)}`, 'invalid_json'],
  ])('whose body %s is refused', async (_what, body, code) => {
    const { status, text } = await sendRaw({}, body);
    expect([status, JSON.parse(text).error.code]).toEqual([400, code]);
    expect((await server.send('GET', '/healthz', { key: null })).status).toBe(200);
  });
});
