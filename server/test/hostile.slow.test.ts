import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot } from './boot.ts';
import { type Operation, operationsOf, readDescription } from './fuzz/operation.ts';
import { rows } from './matrix/rows.ts';
import { makeTenant, type Tenant } from './matrix/tenant.ts';

/** What strangers send, at every operation of the API description. */
const server = await boot();
const description = await readDescription(server.url);
const operations = operationsOf(description);
const guarded = operations.filter(({ security }) => security !== undefined && security.length > 0);

let tenant: Tenant;
beforeAll(async () => {
  tenant = await makeTenant(server, 'Target');
}, 60_000);
afterAll(() => server.close());

const asItIs = (id: string): string => id;
const unknownLike = (id: string): string => `${id.slice(0, -1)}${id.endsWith('x') ? 'y' : 'x'}`;

const pathOf = ({ path }: Operation, change = asItIs): string =>
  path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(change(tenant.ids[name] ?? '')));

/** Sends a request target as it is, which no client library does. */
const sendRaw = async (method: string, target: string, headers: readonly string[]): Promise<string> => {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.end([`${method} ${target} HTTP/1.1`, 'connection: close', ...headers, '', ''].join('\r\n'));
  return text(socket);
};

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);

describe('every operation that needs a caller', () => {
  it.each(guarded.map((operation) => ({ operation, name: operation.operationId })))(
    '$name is reached by no other spelling of its path',
    async ({ operation }) => {
      const path = pathOf(operation);
      const targets = [
        path,
        path.toUpperCase(),
        path.replace('/v1', '/V1'),
        `/${path}`,
        `${path}/`,
        `${path}//`,
        `${path};a=b`,
        `${path}%00`,
        `${path}%2f`,
        `${path}/.`,
        `/healthz/..${path}`,
        `/healthz/%2e%2e${path}`,
        `/.${path}`,
        path.replace('/v1/', '/v1/./'),
        path.replace('/v1/', '/v1/%2e/'),
        path.replace('/v1/', '//v1//'),
        path.replace('/v1/', '/%76%31/'),
        `http://evil.example${path}`,
        `http://evil.example/healthz?x=${path}`,
        `${path}?/healthz`,
        `${path}#/healthz`,
      ];
      for (const target of targets) {
        const answer = await sendRaw(operation.method, target, [
          'host: evil.example',
          'x-forwarded-host: evil.example',
        ]);
        expect([target, statusOf(answer)]).toEqual([target, expect.toSatisfy(isRefusal)]);
        expect(answer).not.toContain('evil.example');
      }
    },
  );

  it.each(guarded.map((operation) => ({ operation, name: operation.operationId })))(
    '$name gives a page of a foreign origin nothing to read, and never with credentials',
    async ({ operation }) => {
      const takesBody = operation.requestBody?.content['application/json'] !== undefined;
      for (const origin of ['https://evil.example', 'null', 'file://', 'https://target.example.evil.example']) {
        for (const key of [tenant.key, tenant.publishableKey]) {
          const headers = { authorization: `Bearer ${key}`, origin, 'access-control-request-method': operation.method };
          // read as it is, changed nowhere: a body that is refused, ids that nobody has
          const path = operation.method === 'GET' ? pathOf(operation) : pathOf(operation, unknownLike);
          const response = await fetch(server.url + path, {
            method: operation.method,
            headers: { ...headers, ...(takesBody ? { 'content-type': 'application/json' } : {}) },
            ...(takesBody ? { body: '{"nothing":1}' } : {}),
          });
          await response.body?.cancel();
          expect(response.headers.get('access-control-allow-credentials')).toBeNull();
          expect(response.headers.get('access-control-allow-origin')).toBeNull();
          const preflight = await fetch(server.url + path, { method: 'OPTIONS', headers });
          expect(preflight.headers.get('access-control-allow-credentials')).toBeNull();
          // which carries no key: what visitors may ask of is told to any page, and the request behind it decides
          const told = preflight.headers.get('access-control-allow-origin');
          expect([null, ...(isOfVisitors(operation) ? [origin] : [])]).toContain(told);
        }
      }
    },
  );
});

/** Whether visitors may ask anything of a path; the description names pages beside keys where they may come in. */
const isOfVisitors = ({ path }: Operation): boolean =>
  operations.some((other) => other.path === path && JSON.stringify(other.security).includes('publishableKey'));

const isRefusal = (status: unknown): boolean => typeof status === 'number' && status >= 400 && status < 500;

/** Fields that a caller must not be able to set where the operation does not name them. */
const assignments: Readonly<Record<string, unknown>> = {
  workspace_id: 'ws_01m8000000000000000000000z',
  parent_id: 'ws_01m8000000000000000000000z',
  id: 'bot_01m8000000000000000000000z',
  object: 'bot',
  created_at: '2020-01-01T00:00:00Z',
  created_by: 'someone',
  deleted_at: null,
  version: 99,
  role: 'owner',
  plan: 'unlimited',
  scopes: ['all'],
  secret: 'prl_live_x',
  charged: 0,
  bypass_filter: true,
};

describe('every operation that takes a body', () => {
  const taking = operations.filter(({ requestBody }) => requestBody?.content['application/json'] !== undefined);

  it.each(taking.map((operation) => ({ operation, name: operation.operationId })))(
    '$name refuses fields that are not its own',
    async ({ operation }) => {
      const body = rows[operation.operationId]?.body?.(tenant) ?? {};
      const schema = operation.requestBody?.content['application/json']?.schema;
      const named = JSON.stringify(resolved(schema?.$ref));
      for (const [field, value] of Object.entries(assignments)) {
        if (named.includes(`"${field}"`)) continue;
        const answer = await server.send(operation.method, pathOf(operation), {
          key: tenant.key,
          body: { ...body, [field]: value },
        });
        expect([field, answer.status, answer.body?.error?.code]).toEqual([field, 400, 'unknown_field']);
      }
    },
  );

  it.each(taking.map((operation) => ({ operation, name: operation.operationId })))(
    '$name refuses a name that stands twice, `__proto__`, and what is nested without end',
    async ({ operation }) => {
      const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
      for (const body of [
        '{"a":1,"a":2}',
        '{"__proto__":{"admin":true}}',
        `{"a":${deep}}`,
        `{"a":${'{"a":'.repeat(50_000)}`,
      ]) {
        const { status } = await server.send(operation.method, pathOf(operation), { key: tenant.key, body });
        // what is too long for a route is not even read
        const refusal = body.length > 10_000 && status === 413 ? 413 : 400;
        expect([body.slice(0, 40), status]).toEqual([body.slice(0, 40), refusal]);
      }
      expect(({} as { admin?: boolean }).admin).toBeUndefined();
    },
  );
});

const resolved = (reference: string | undefined): unknown =>
  reference === undefined ? {} : description.components.schemas[reference.split('/').at(-1) ?? ''];

it('logged no failure of the server', () => {
  expect(server.logged.filter((line) => Number(line['level']) >= 50)).toEqual([]);
});
