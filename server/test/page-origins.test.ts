import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { makePublishableKey, openPage, shopOrigin } from './web-page.ts';

let server: Server;
let botId: string;
let key: string;

beforeAll(async () => {
  server = await boot();
  botId = await server.makeBot();
  ({ secret: key } = await makePublishableKey(server, botId, [shopOrigin, 'http://localhost:3000']));
});
afterAll(() => server.close());

const visitorPaths = [
  ['POST', '/v1/chat'],
  ['GET', '/v1/turns/turn_01k9z3v5e8f6t9w2x4y7z0a1b3'],
  ['GET', '/v1/turns/turn_01k9z3v5e8f6t9w2x4y7z0a1b3/stream'],
  ['POST', '/v1/turns/turn_01k9z3v5e8f6t9w2x4y7z0a1b3/cancel'],
  ['POST', '/v1/turns/turn_01k9z3v5e8f6t9w2x4y7z0a1b3/feedback'],
  ['GET', '/v1/conversations'],
  ['GET', '/v1/conversations/conv_01k9z3v5e8f6t9w2x4y7z0a1b3'],
  ['GET', '/v1/conversations/conv_01k9z3v5e8f6t9w2x4y7z0a1b3/messages'],
  ['GET', '/v1/widget_config'],
] as const;

const preflight = (path: string, origin: string, method = 'POST') =>
  server.send('OPTIONS', path, {
    key: null,
    headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': 'authorization' },
  });

describe('a publishable key', () => {
  it.each([shopOrigin, 'http://localhost:3000'])('works on pages of %s, which may read the answers', async (origin) => {
    const { status, headers, text } = await openPage(server.url, key, { origin }).chat('Hi');
    expect(status, text).toBe(200);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('vary')).toBe('origin');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  it.each([
    'https://evil.example',
    'https://shop.example.evil.example',
    'https://evilshop.example',
    'http://shop.example',
    'https://shop.example:8443',
    'https://SHOP.example',
    'https://shop.example/',
    'https://shop.example, https://evil.example',
    'null',
    '*',
    '',
  ])('is refused on a page of %j, which may not read the answer', async (origin) => {
    for (const [method, path] of visitorPaths) {
      const { status, body, headers } = await openPage(server.url, key, { origin }).send(method, path);
      expect({ status, code: body.error.code }, path).toEqual({ status: 403, code: 'origin_not_allowed' });
      expect(headers.get('access-control-allow-origin'), path).toBeNull();
    }
  });

  it('is refused where the request says nothing of a page', async () => {
    const { status, body } = await openPage(server.url, key, { origin: null }).chat('Hi');
    expect({ status, code: body.error.code }).toEqual({ status: 403, code: 'origin_not_allowed' });
  });

  it('opens no route but those of the chat', async () => {
    const { body: description } = await server.send('GET', '/openapi.json');
    const answers = [];
    for (const [path, item] of Object.entries<Record<string, { security?: Record<string, unknown>[] }>>(
      description.paths,
    )) {
      for (const [method, { security = [] }] of Object.entries(item)) {
        if (security.length === 0 || security.some((way) => 'publishableKey' in way)) continue;
        const place = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => (name === 'bot_id' ? botId : name));
        const { status, body, headers } = await openPage(server.url, key).send(method.toUpperCase(), place);
        answers.push({ status, code: body.error.code, readable: headers.get('access-control-allow-origin') });
      }
    }
    expect(answers.length).toBeGreaterThan(20);
    const refused = { status: 403, code: 'insufficient_scope', readable: null };
    expect(answers).toEqual(answers.map(() => refused));
  });

  it('acts for no other workspace', async () => {
    const { status } = await openPage(server.url, key, { headers: { 'parley-workspace': 'ws_x' } }).chat('Hi');
    expect(status).toBe(403);
  });

  it('stops working when it is revoked', async () => {
    const { id, secret } = await makePublishableKey(server, botId);
    expect((await openPage(server.url, secret).chat('Hi')).status).toBe(200);
    await server.send('DELETE', `/v1/keys/${id}`);
    expect((await openPage(server.url, secret).chat('Hi')).body.error.code).toBe('revoked_api_key');
  });
});

describe('a preflight', () => {
  it.each(visitorPaths)('for %s %s is answered, without credentials', async (method, path) => {
    const { status, headers, text } = await preflight(path, 'https://anywhere.example', method);
    expect({ status, text }).toEqual({ status: 204, text: '' });
    expect(headers.get('access-control-allow-origin')).toBe('https://anywhere.example');
    expect(headers.get('access-control-allow-methods')?.split(', ')).toContain(method);
    expect(headers.get('access-control-allow-headers')?.split(', ')).toEqual(
      expect.arrayContaining([
        'authorization',
        'content-type',
        'parley-visitor-token',
        'parley-user-token',
        'last-event-id',
      ]),
    );
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('names no method that visitors may not use', async () => {
    const { headers } = await preflight('/v1/conversations', shopOrigin);
    expect(headers.get('access-control-allow-methods')).toBe('GET');
  });

  it.each(['null', '*', 'shop.example', 'https://shop.example/path', 'file:///etc/passwd'])(
    'of %j is none',
    async (origin) => {
      const { status, headers } = await preflight('/v1/chat', origin);
      expect(status).toBe(405);
      expect(headers.get('access-control-allow-origin')).toBeNull();
    },
  );

  it.each(['/v1/bots', '/v1/keys', '/v1/usage', '/healthz', '/openapi.json', '/nowhere'])(
    'for %s, where no visitor may go, is refused',
    async (path) => {
      const { status, headers } = await preflight(path, shopOrigin, 'GET');
      expect([404, 405]).toContain(status);
      expect(headers.get('access-control-allow-origin')).toBeNull();
    },
  );
});

describe('a page with a server key', () => {
  it('may read no answer of any route', async () => {
    const { body: description } = await server.send('GET', '/openapi.json');
    const readable: string[] = [];
    let asked = 0;
    for (const [path, item] of Object.entries<object>(description.paths)) {
      for (const method of Object.keys(item)) {
        const place = path.replaceAll(/\{(\w+)\}/g, '$1');
        const answer = await server.send(method.toUpperCase(), place, { headers: { origin: 'https://evil.example' } });
        asked += 1;
        if ([...answer.headers.keys()].some((name) => name.startsWith('access-control-'))) readable.push(path);
      }
    }
    expect(asked).toBeGreaterThan(30);
    expect(readable).toEqual([]);
  });
});

describe('an embed token', () => {
  const embedTokenOf = async (): Promise<string> => {
    const { text } = await server.send('GET', `/embed/${key}`, { key: null });
    return /data-embed-token="([^"]+)"/.exec(text)?.[1] ?? '';
  };
  /** As Node's fetch would not send it: with headers that browsers set and pages cannot. */
  const ask = (headers: Record<string, string>, secret = key): Promise<number> =>
    new Promise((resolve, reject) => {
      const asked = httpRequest(
        `${server.url}/v1/widget_config`,
        { headers: { authorization: `Bearer ${secret}`, ...headers } },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      asked.on('error', reject);
      asked.end();
    });

  it('stands for the origin on a page of the server itself', async () => {
    const token = await embedTokenOf();
    const ways = [
      { 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'same-origin', origin: server.url },
      { origin: server.url },
      {},
    ];
    for (const way of ways) expect(await ask({ 'parley-embed-token': token, ...way }), JSON.stringify(way)).toBe(200);
  });

  it('is worth nothing on a page of somebody else', async () => {
    const token = await embedTokenOf();
    const ways = [
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      { 'sec-fetch-site': 'same-site', origin: 'https://evil.example' },
      { 'sec-fetch-site': 'none' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ];
    for (const way of ways) expect(await ask({ 'parley-embed-token': token, ...way }), JSON.stringify(way)).toBe(403);
  });

  it('is good for its own key alone, and cannot be made up', async () => {
    const { secret } = await makePublishableKey(server, botId);
    const token = await embedTokenOf();
    expect(await ask({ 'parley-embed-token': token }, secret)).toBe(401);
    expect(await ask({ 'parley-embed-token': `${token.slice(0, -1)}_` })).toBe(401);
    expect(await ask({ 'parley-embed-token': 'x' })).toBe(401);
  });

  it('is renewed by the page that has one', async () => {
    const page = openPage(server.url, key, { origin: null, headers: { 'parley-embed-token': await embedTokenOf() } });
    const renewed = await page.send('POST', '/v1/embed_tokens');
    expect(renewed.status, renewed.text).toBe(201);
    expect(Date.parse(renewed.body.expires_at)).toBeGreaterThan(Date.now());
    expect(await ask({ 'parley-embed-token': renewed.body.token })).toBe(200);
  });
});

describe('the embedded page', () => {
  it('may be framed by the pages that the key allows, and runs nothing but its own', async () => {
    const { status, headers, text } = await server.send('GET', `/embed/${key}`, { key: null });
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; object-src 'none'; " +
        "frame-ancestors https://shop.example http://localhost:3000; require-trusted-types-for 'script'; trusted-types 'none'",
    );
    expect(headers.get('x-frame-options')).toBeNull();
    expect(headers.get('cache-control')).toBe('no-store');
    expect(text).not.toMatch(/<script(?![^>]* src=)|\son\w+=|style=/i);
  });

  it("shows a bot's name as text, whatever it is", async () => {
    const bot = await server.makeBot({ name: `"><script>alert(1)</script>'{{key}}` });
    const { id } = await makePublishableKey(server, bot);
    const { text } = await server.send('GET', `/embed/${id}`, { key: null });
    expect(text).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;{{key}}');
    expect(text).not.toContain('<script>');
  });

  it.each([
    ['an unknown key', 'key_01k9z3v5e8f6t9w2x4y7z0a1b3'],
    ['a server key', 'server'],
    ['no key at all', 'prl_pub_x'],
    ['a path', '..%2Fopenapi.json'],
  ])('does not exist for %s', async (_what, named) => {
    const path = named === 'server' ? `/embed/${server.key}` : `/embed/${named}`;
    expect((await server.send('GET', path, { key: null })).status).toBe(404);
  });

  it('does not exist for a key that was revoked', async () => {
    const { id, secret } = await makePublishableKey(server, botId);
    await server.send('DELETE', `/v1/keys/${id}`);
    for (const named of [id, secret]) {
      expect((await server.send('GET', `/embed/${named}`, { key: null })).status).toBe(404);
    }
  });
});

describe('the configuration for pages', () => {
  it('holds what everybody may see of the bot, and nothing else', async () => {
    const bot = await server.makeBot({
      name: 'Nino',
      greeting: 'Hello!',
      language: 'de',
      branding: { color: '#aa3355' },
      instructions: 'secret instructions',
      business_description: 'secret description',
      metadata: { internal: 'secret' },
      fallback: 'secret fallback',
    });
    const { secret } = await makePublishableKey(server, bot);
    const { body } = await openPage(server.url, secret).send('GET', '/v1/widget_config');
    expect(body).toEqual({
      object: 'widget_config',
      bot_id: bot,
      name: 'Nino',
      greeting: 'Hello!',
      language: 'de',
      branding: { color: '#aa3355' },
    });
  });
});
