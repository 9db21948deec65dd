import { streamExample } from '@parley/protocol/chat-examples';
import { chatRequestSchema, turnEventSchema } from '@parley/protocol/chat-schemas';
import { turnSchema } from '@parley/protocol/turn-schemas';
import { errorCatalogue, turnErrorCodes } from '@parley/protocol/error-catalogue';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { OpenAPIV3_1 } from 'openapi-types';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpHarness, startHttp } from '../../test/http-harness.ts';

let api: HttpHarness;
let document: OpenAPIV3_1.Document;

beforeAll(async () => {
  api = await startHttp();
  document = (await api.send('GET', '/openapi.json', { key: null })).body;
});
afterAll(() => api.close());

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

const operations = () =>
  Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item?.[method];
      return operation ? [{ name: `${method.toUpperCase()} ${path}`, path, operation }] : [];
    }),
  );

test('the description names exactly the routes that are served', () => {
  const described = operations().map(({ name }) => name);
  const served = [
    ...api.routes
      .filter((route) => !route.hidden)
      .map((route) => `${route.method} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`),
    'GET /healthz',
    'GET /readyz',
    'GET /metrics',
    'GET /openapi.json',
    'GET /docs',
  ];
  expect(described.toSorted()).toEqual(served.toSorted());
  expect(described.length).toBeGreaterThan(20);
  for (const route of api.routes) expect(api.server.hasRoute({ method: route.method, url: route.path })).toBe(true);
});

/** What a request shows, by who may send it. */
const waysIn = (principals: readonly string[]): object[] => [
  ...(principals.some((kind) => kind === 'key' || kind === 'session') ? [{ apiKey: [] }] : []),
  ...(principals.includes('visitor')
    ? [
        { publishableKey: [] },
        { publishableKey: [], visitorToken: [] },
        { publishableKey: [], userToken: [] },
        { publishableKey: [], visitorToken: [], userToken: [] },
      ]
    : []),
];

test('the description describes itself as an object', () => {
  const reply = document.paths?.['/openapi.json']?.get?.responses?.['200'];
  expect(reply).toMatchObject({ content: { 'application/json': { schema: { type: 'object' } } } });
});

test('every guarded operation names its key, its scope, and the refusals of both', () => {
  for (const { path, operation, name } of operations()) {
    const guarded = path.startsWith('/v1/');
    const principals = (operation as { 'x-principals'?: string[] })['x-principals'] ?? [];
    expect(operation.security, name).toEqual(guarded ? waysIn(principals) : []);
    if (!guarded) continue;
    expect(operation.description, name).toMatch(/Scope: `[a-z:]+`/);
    expect(Object.keys(operation.responses ?? {}), name).toEqual(expect.arrayContaining(['401', '403', '429', '500']));
    expect(JSON.stringify(operation.responses?.['401'])).toContain('invalid_api_key');
  }
});

test('visitors are named where they may come in, and nowhere else', () => {
  const named = operations()
    .filter(({ operation }) => (operation as { 'x-principals'?: string[] })['x-principals']?.includes('visitor'))
    .map(({ name }) => name);
  expect(new Set(named)).toEqual(
    new Set([
      'POST /v1/chat',
      'GET /v1/turns/{turn_id}',
      'GET /v1/turns/{turn_id}/stream',
      'POST /v1/turns/{turn_id}/cancel',
      'POST /v1/turns/{turn_id}/feedback',
      'GET /v1/conversations',
      'GET /v1/conversations/{conversation_id}',
      'GET /v1/conversations/{conversation_id}/messages',
      'GET /v1/widget_config',
      'POST /v1/embed_tokens',
    ]),
  );
  for (const { operation, name } of operations().filter((each) => named.includes(each.name))) {
    expect(JSON.stringify(operation.responses?.['403']), name).toContain('origin_not_allowed');
    expect(JSON.stringify(operation.responses?.['401']), name).toContain('invalid_user_token');
  }
});

test('a body is closed against unknown fields in the description too, while an answer may grow', () => {
  expect(document.components?.schemas?.['CreateBotInput']).toMatchObject({ additionalProperties: false });
  expect(document.components?.schemas?.['Bot']).not.toHaveProperty('additionalProperties');
});

/** Every schema of the document, those within others among them. */
const schemasWithin = (value: unknown): Record<string, unknown>[] => {
  if (typeof value !== 'object' || value === null) return [];
  return [value as Record<string, unknown>, ...Object.values(value).flatMap(schemasWithin)];
};

test('a number has no bound that only a double has, and a date no pattern beside its format', () => {
  const schemas = schemasWithin(document);
  const integers = schemas.filter(
    ({ type }) => type === 'integer' || (Array.isArray(type) && type.includes('integer')),
  );
  expect(integers.length).toBeGreaterThan(50);
  // a count is never negative: a generator may make it unsigned
  expect(integers.filter(({ minimum }) => typeof minimum !== 'number' || minimum < 0)).toEqual([]);
  expect(integers.filter(({ maximum }) => maximum === Number.MAX_SAFE_INTEGER)).toEqual([]);
  const dates = schemas.filter(({ format }) => format === 'date-time' || format === 'date');
  expect(dates.length).toBeGreaterThan(50);
  expect(dates.filter(({ pattern }) => pattern !== undefined)).toEqual([]);
});

test('a turn fails with what can happen to a turn, and a request with any code', () => {
  const { Turn: turn, Problem: problem } = document.components?.schemas ?? {};
  const codesOf = (schema: unknown): unknown[] =>
    schemasWithin(schema).flatMap(({ enum: codes }) =>
      Array.isArray(codes) && codes.includes('internal_error') ? (codes as unknown[]) : [],
    );
  expect(codesOf(turn)).toEqual([...turnErrorCodes]);
  expect(codesOf(problem)).toEqual(Object.keys(errorCatalogue));
});

/** What a developer meets first, and is told at every field. */
const explained = [
  'ChatRequestInput',
  'Turn',
  'TurnWithFeedback',
  'TurnEvent',
  'Message',
  'Citation',
  'Conversation',
  'Bot',
  'Usage',
  'Plan',
  'WebhookPayload',
  'WebhookDelivery',
  'WebhookEndpoint',
  'UsageThreshold',
  'FeedbackInput',
];

type Described = {
  [name: string]: unknown;
  properties?: Record<string, Described>;
  $ref?: string;
  description?: string;
};

/** The paths of fields without a word; what has a schema of its own is explained there. */
const unexplained = (schema: Described, path: string): string[] =>
  Object.entries(schema).flatMap(([name, member]) => {
    if (typeof member !== 'object' || member === null || name === 'examples') return [];
    if (name !== 'properties') return unexplained(member as Described, path);
    return Object.entries(member as Record<string, Described>).flatMap(([field, inner]) => [
      ...(inner.description === undefined && inner.$ref === undefined ? [`${path}.${field}`] : []),
      ...unexplained(inner, `${path}.${field}`),
    ]);
  });

test('every field that a developer meets first is explained', () => {
  const schemas = (document.components?.schemas ?? {}) as Record<string, Described>;
  for (const name of explained) {
    expect(schemas[name], name).toBeDefined();
    expect(unexplained(schemas[name] ?? {}, name)).toEqual([]);
  }
});

test('the call that everybody makes has examples: the request, the answer, and the stream', () => {
  const { ChatRequestInput: input, Turn: turn, TurnEvent: event } = document.components?.schemas ?? {};
  const examplesOf = (schema: unknown): unknown[] => (schema as { examples?: unknown[] }).examples ?? [];
  expect(examplesOf(input).map((example) => chatRequestSchema.safeParse(example).success)).toEqual([true, true]);
  expect(examplesOf(turn).map((example) => turnSchema.safeParse(example).success)).toEqual([true]);
  expect(examplesOf(event)).toEqual(streamExample);
  const text = /```\n(id: [^`]*)\n```/.exec(document.paths?.['/v1/chat']?.post?.description ?? '')?.[1] ?? '';
  const events = text.split('\n\n').map((frame) => {
    const [, id, name, data = ''] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(frame) ?? [];
    return turnEventSchema.parse({ id, event: name, data: JSON.parse(data) });
  });
  expect(events).toEqual(streamExample);
  expect(JSON.stringify(event)).toMatch(/Its id is `<attempt>-<n>`\. A turn has exactly one terminal event/);
});

test("the description passes redocly's recommended rules", async () => {
  const directory = await mkdtemp(join(tmpdir(), 'parley-openapi-'));
  const file = join(directory, 'openapi.json');
  await writeFile(file, JSON.stringify(document));
  const root = new URL('../../../', import.meta.url);
  const command = createRequire(import.meta.url).resolve('@redocly/cli/bin/cli.js');
  const config = new URL('redocly.yaml', root).pathname;
  const lint = promisify(execFile)(process.execPath, [command, 'lint', '--config', config, file], {
    env: {
      PATH: '/usr/bin:/bin',
      HOME: directory,
      REDOCLY_TELEMETRY: 'off',
      REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
      NO_COLOR: '1',
    },
  });
  const { stderr } = await lint.catch((error: { stdout: string; stderr: string }) => {
    throw new Error(error.stdout + error.stderr);
  });
  await rm(directory, { recursive: true });
  expect(stderr).toContain('Your API description is valid');
  expect(stderr).not.toMatch(/warning/i);
}, 60_000);

test('the reference page loads everything from its own server', async () => {
  const page = await api.send('GET', '/docs', { key: null });
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("script-src 'self';");
  expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
  expect(page.text).not.toMatch(/https?:\/\//);
  // the policy forbids inline scripts
  expect(page.text.match(/<script/g)).toHaveLength(page.text.match(/<script src="\/docs\//g)?.length ?? 0);
  const script = await api.send('GET', '/docs/reference.js', { key: null });
  expect(script.headers.get('content-type')).toContain('text/javascript');
  expect(script.text).toContain('createApiReference');
  expect((await api.send('GET', '/docs/start.js', { key: null })).text).toContain("'/openapi.json'");
});
