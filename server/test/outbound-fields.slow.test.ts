import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { type Canary, startCanary } from './canary.ts';
import { forbiddenUrls } from './outbound-corpus.ts';
import { corpusReport } from './outbound-report.ts';

/** Every way to write a forbidden address, in every field of the API that takes one: refused, and nobody is called. */

let canary: Canary;
let server: Server;
let endpoint: string;
let provider: string;
let bot: string;
const report = corpusReport('Forbidden addresses in fields of the API');

beforeAll(async () => {
  canary = await startCanary();
  // the canary's port is let through, so that the address alone decides
  server = await boot({ env: { PARLEY_OUTBOUND_PORTS: String(canary.port) } });
  const hook = { url: 'https://hook.invalid/', events: ['turn.completed'] };
  endpoint = (await server.send('POST', '/v1/webhook_endpoints', { body: hook })).body.id;
  bot = await server.makeBot();
  const model = { ...providerFields, base_url: 'https://models.invalid/v1', skip_test: true };
  provider = (await server.send('POST', '/v1/providers', { body: model })).body.id;
});
afterAll(async () => {
  report.write(canary);
  await server.close();
  await canary.close();
});

const providerFields = { name: 'theirs', type: 'openai-compatible', api_key: 'sk-test-0000' };

type Field = {
  entrance: string;
  field: string;
  ask: (url: string) => Promise<{ status: number; body: { error?: { param?: string } } }>;
};

const fields: readonly Field[] = [
  {
    entrance: 'POST /v1/webhook_endpoints',
    field: 'url',
    ask: (url) => server.send('POST', '/v1/webhook_endpoints', { body: { url, events: ['turn.completed'] } }),
  },
  {
    entrance: 'PATCH /v1/webhook_endpoints/{id}',
    field: 'url',
    ask: (url) => server.send('PATCH', `/v1/webhook_endpoints/${endpoint}`, { body: { url } }),
  },
  ...['url', 'sitemap', 'site'].map((type) => ({
    entrance: `POST /v1/bots/{id}/sources as ${type}`,
    field: 'url',
    ask: (url: string) => server.send('POST', `/v1/bots/${bot}/sources`, { body: { type, url } }),
  })),
  {
    entrance: 'POST /v1/providers',
    field: 'base_url',
    ask: (url) => server.send('POST', '/v1/providers', { body: { ...providerFields, base_url: url } }),
  },
  {
    entrance: 'PATCH /v1/providers/{id}',
    field: 'base_url',
    ask: (url) =>
      server.send('PATCH', `/v1/providers/${provider}`, { body: { base_url: url, api_key: 'sk-test-1111' } }),
  },
];

describe('an address that must not be called', () => {
  // with https, since http alone would be a reason to refuse it
  const forms = forbiddenUrls.map((form) => form.replace(/^http:/, 'https:'));

  it.each(fields)('is refused in `$field` of $entrance', async ({ entrance, field, ask }) => {
    const taken: unknown[] = [];
    for (const form of forms) {
      const { status, body } = await ask(form.replaceAll('{p}', String(canary.port)));
      // NUL is refused with the whole body
      const refused = status === 400 && (body.error?.param === field || form.includes('\0'));
      if (!refused) taken.push([form, status, body]);
      report.add(entrance);
    }
    expect({ taken, forms: forms.length, visits: canary.visits }).toEqual({
      taken: [],
      forms: expect.toSatisfy((count) => Number(count) >= 150),
      visits: [],
    });
  });

  it('left what was there as it was', async () => {
    const read = async (path: string) => (await server.send('GET', path)).body;
    expect((await read(`/v1/webhook_endpoints/${endpoint}`)).url).toBe('https://hook.invalid/');
    expect((await read(`/v1/providers/${provider}`)).base_url).toBe('https://models.invalid/v1');
    expect((await read('/v1/webhook_endpoints')).data).toHaveLength(1);
    expect((await read('/v1/providers')).data).toHaveLength(1);
    expect((await read(`/v1/bots/${bot}/sources`)).data).toEqual([]);
  });
});
