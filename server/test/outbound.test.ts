import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { createServer as createTlsServer } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { followRedirect } from '../src/kit/outbound/follow-redirect.ts';
import { createOutbound, type Outbound, type OutboundRequest } from '../src/kit/outbound/outbound.ts';
import { OutboundError } from '../src/kit/outbound/outbound-error.ts';
import { createResolveHost } from '../src/kit/outbound/resolve-host.ts';
import { type Canary, startCanary } from './canary.ts';
import { startNameServer } from './name-server.ts';
import { forbiddenAnswers, forbiddenUrls } from './outbound-corpus.ts';
import { selfSigned } from './self-signed.ts';

/** Of the part of IPv6 that is given out, and given to nobody: nothing answers, and nobody is bothered. */
const publicNobody = '2d00::1';
const limits: OutboundRequest = { timeoutMs: 5_000, maxBytes: 100_000 };

let canary: Canary;
let names: Awaited<ReturnType<typeof startNameServer>>;
let outbound: Outbound;
/** 5 MB of nothing, in some 5 KB. */
const bomb = gzipSync(Buffer.alloc(5_000_000));
/** Whose origin the operator has listed. */
let friend: Server;
let friendOrigin: string;

const errorOf = async (
  url: string,
  request: Partial<OutboundRequest> = {},
  by: Outbound = outbound,
): Promise<OutboundError> => {
  try {
    await by.fetch(url, { ...limits, ...request });
  } catch (error) {
    if (error instanceof OutboundError) return error;
    throw error;
  }
  throw new Error(`${url} was answered`);
};

const ownAddresses = (): string[] =>
  Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ address }) => address);

beforeAll(async () => {
  canary = await startCanary();
  const own = ownAddresses();
  names = await startNameServer((name, type, nth) => {
    if (name === 'rebinding.corpus.example.com') {
      if (nth === 1) return type === 'AAAA' ? [publicNobody] : [];
      return type === 'A' ? ['127.0.0.1'] : ['::1'];
    }
    const answers = name === 'own.corpus.example.com' ? own : forbiddenAnswers[name];
    if (answers === undefined) return null;
    return answers.filter((address) => address.includes(':') === (type === 'AAAA'));
  });
  friend = createServer((request, response) => answer(request.url ?? '', response));
  await new Promise<void>((resolve) => friend.listen(0, '127.0.0.1', resolve));
  friendOrigin = `http://localhost:${(friend.address() as AddressInfo).port}`;
  outbound = createOutbound({
    allowOrigins: [friendOrigin],
    ports: [canary.port],
    resolve: createResolveHost([names.address]),
  });
});

afterAll(async () => {
  await outbound.close();
  await names.close();
  friend.closeAllConnections();
  friend.close();
  await canary.close();
});

const answer = (path: string, response: ServerResponse): void => {
  const [, kind = '', rest = ''] = /^\/([a-z-]*)\/?(.*)$/.exec(path) ?? [];
  const to = decodeURIComponent(rest);
  if (kind === 'redirect') response.writeHead(Number(to.slice(0, 3)), { location: to.slice(4) }).end();
  else if (kind === 'endless') {
    const write = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(16_384)));
    };
    response.on('drain', write);
    write();
  } else if (kind === 'bomb') {
    response.setHeader('content-encoding', 'gzip');
    response.end(bomb);
  } else if (kind === 'gzip') {
    response.setHeader('content-encoding', 'gzip');
    response.end(gzipSync('unpacked'));
  } else if (kind === 'double') {
    response.setHeader('content-encoding', 'gzip, gzip');
    response.end(gzipSync(gzipSync('twice')));
  } else if (kind === 'slow') {
    const timer = setInterval(() => response.write('.'), 50);
    response.on('close', () => clearInterval(timer));
  } else if (kind === 'silent') response.on('close', () => undefined);
  else if (kind === 'refresh') {
    response.setHeader('content-type', 'text/html');
    response.end(`<meta http-equiv="refresh" content="0;url=http://127.0.0.1:${canary.port}/">`);
  } else {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(response.req.headers));
  }
};

describe('the corpus', () => {
  const forms = forbiddenUrls.length + Object.keys(forbiddenAnswers).length;

  test('has at least 150 forms', () => {
    expect(new Set(forbiddenUrls).size).toBe(forbiddenUrls.length);
    expect(forms).toBeGreaterThanOrEqual(150);
  });

  test('no form of a forbidden address is called, and most are refused as they are written', async () => {
    canary.takeAttempts();
    const outcomes = await Promise.all(
      forbiddenUrls.map(async (form) => {
        const { kind } = await errorOf(form.replaceAll('{p}', String(canary.port)));
        return { form, kind };
      }),
    );
    expect(outcomes.filter(({ kind }) => kind !== 'invalid')).toEqual([]);
    expect({ forms: outcomes.length, attempts: canary.takeAttempts(), visits: canary.visits }).toEqual({
      forms: forbiddenUrls.length,
      attempts: 0,
      visits: [],
    });
  });

  test('the same holds for https, and for the dispatcher and the connector that others use', async () => {
    canary.takeAttempts();
    const literal = forbiddenUrls.filter((form) => /^http:\/\/[^@#?\\]*\{p\}\/$/.test(form));
    expect(literal.length).toBeGreaterThan(100);
    for (const form of literal) {
      const url = form.replaceAll('{p}', String(canary.port));
      expect((await errorOf(url.replace('http:', 'https:'))).kind, url).toBe('invalid');
      if (!URL.canParse(url)) continue;
      const { origin } = new URL(url);
      await expect(outbound.dispatcher.request({ origin, path: '/', method: 'GET' }), url).rejects.toBeInstanceOf(
        OutboundError,
      );
    }
    expect(canary.takeAttempts()).toBe(0);
    expect(canary.visits).toEqual([]);
  });

  test.each([...Object.keys(forbiddenAnswers), 'own.corpus.example.com', 'nowhere.corpus.example.com'])(
    'the name %s is asked for and not called, and the error does not say why',
    async (name) => {
      canary.takeAttempts();
      const open = await errorOf(`http://${name}:${canary.port}/`);
      const closed = await errorOf(`https://${name}/`);
      expect(names.asked('A', name)).toBe(2);
      expect([open.kind, open.message]).toEqual(['unreachable', 'the address cannot be reached or may not be called']);
      expect([closed.kind, closed.message]).toEqual([open.kind, open.message]);
      expect(canary.takeAttempts()).toBe(0);
    },
  );

  test('each address of this machine is refused, written as it is and by a name', async () => {
    const own = ownAddresses().map((address) => (address.includes(':') ? `[${address}]` : address));
    expect(own.length).toBeGreaterThan(0);
    canary.takeAttempts();
    for (const host of own) expect((await errorOf(`http://${host}:${canary.port}/`)).kind).toBe('invalid');
    expect(canary.takeAttempts()).toBe(0);
  });

  test('a name that is public first and private the next time gains nothing', async () => {
    const url = `http://rebinding.corpus.example.com:${canary.port}/`;
    canary.takeAttempts();
    const before = createOutbound({ ports: [canary.port], resolve: createResolveHost([names.address]) });
    const first = await errorOf(url, { timeoutMs: 300 }, before);
    await before.close();
    expect(['unreachable', 'timeout']).toContain(first.kind);
    // one look-up for each type: what was checked is what was called
    expect([
      names.asked('A', 'rebinding.corpus.example.com'),
      names.asked('AAAA', 'rebinding.corpus.example.com'),
    ]).toEqual([1, 1]);
    expect(canary.takeAttempts()).toBe(1);
    for (let time = 0; time < 20; time += 1) expect((await errorOf(url)).kind).toBe('unreachable');
    expect(canary.takeAttempts()).toBe(0);
    expect(canary.visits).toEqual([]);
  });

  test('the canary sees whoever does come', async () => {
    const seen = createOutbound({ allowOrigins: [`http://127.0.0.1:${canary.port}`] });
    const { body } = await seen.fetch(`http://127.0.0.1:${canary.port}/`, limits);
    await seen.close();
    expect(body.toString()).toBe('canary');
    expect(canary.visits).toHaveLength(1);
    expect(canary.takeAttempts()).toBe(1);
    canary.visits.pop();
  });
});

describe('an origin that the operator has listed', () => {
  test('is called wherever it leads, with its name in Host', async () => {
    const { status, headers, body, url } = await outbound.fetch(`${friendOrigin}/hello?a=1#part`, limits);
    expect([status, headers['content-type'], url]).toEqual([200, 'application/json', `${friendOrigin}/hello?a=1`]);
    expect(JSON.parse(body.toString())).toMatchObject({ host: new URL(friendOrigin).host, 'user-agent': 'parley' });
  });

  test('lists no other port and no other spelling of its host', async () => {
    const { port } = new URL(friendOrigin);
    for (const other of [`http://127.0.0.1:${port}/`, `https://localhost:${port}/`, 'http://localhost:80/']) {
      expect((await errorOf(other)).kind, other).toBe('invalid');
    }
  });

  test('is told by its name in the handshake, on a connection to the address', async () => {
    let asked: string | null = null;
    const server = createTlsServer({
      SNICallback: (name, callback) => {
        asked = name;
        callback(new Error('no certificate'));
      },
    });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
    const trusting = createOutbound({ allowOrigins: [origin] });
    await expect(trusting.fetch(origin, limits)).rejects.toBeInstanceOf(OutboundError);
    await trusting.close();
    server.close();
    expect(asked).toBe('localhost');
  });
});

test('a server whose certificate nobody vouches for is not spoken to, which may be told', async () => {
  let spoken = 0;
  const server = createTlsServer(selfSigned('localhost'), () => (spoken += 1));
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  const trusting = createOutbound({ allowOrigins: [origin] });
  await expect(trusting.fetch(origin, limits)).rejects.toMatchObject({
    kind: 'insecure',
    message: 'the server has no valid certificate for its name',
  });
  await trusting.close();
  server.close();
  expect(spoken).toBe(0);
});

describe('redirects', () => {
  const redirectTo = (status: number, target: string): string =>
    `${friendOrigin}/redirect/${encodeURIComponent(`${status}-${target}`)}`;

  test('are answers like any other unless they are asked for', async () => {
    const { status, headers } = await outbound.fetch(redirectTo(302, 'http://127.0.0.1/'), limits);
    expect([status, headers['location']]).toEqual([302, 'http://127.0.0.1/']);
  });

  test.each([301, 302, 303, 307, 308])('a %i is judged anew wherever it leads', async (status) => {
    canary.takeAttempts();
    const targets = forbiddenUrls.map((form) => form.replaceAll('{p}', String(canary.port)));
    const forbidden = targets
      .filter((form) => /^http:\/\/[[0-9][\x21-\x7e]*$/.test(form) && URL.canParse(form))
      .slice(0, 40);
    expect(forbidden.length).toBe(40);
    for (const target of forbidden) {
      expect((await errorOf(redirectTo(status, target), { redirects: 3 })).kind, target).toBe('invalid');
    }
    const mixed = `http://metadata.corpus.example.com:${canary.port}/`;
    expect((await errorOf(redirectTo(status, mixed), { redirects: 3 })).kind).toBe('unreachable');
    expect(canary.visits).toEqual([]);
  });

  test('a chain is followed as far as allowed and no further', async () => {
    const chain = redirectTo(302, redirectTo(307, redirectTo(301, `${friendOrigin}/end`)));
    const { status, url } = await outbound.fetch(chain, { ...limits, redirects: 3 });
    expect([status, url]).toEqual([200, `${friendOrigin}/end`]);
    expect((await errorOf(chain, { redirects: 2 })).kind).toBe('redirected');
    const inner = redirectTo(302, redirectTo(302, `http://127.0.0.1:${canary.port}/`));
    expect((await errorOf(inner, { redirects: 3 })).kind).toBe('invalid');
    expect(canary.visits).toEqual([]);
  });

  test('to another origin loses its credentials, and its body where it becomes a GET', () => {
    const hop = {
      url: new URL('https://example.com/a'),
      method: 'POST',
      headers: {
        authorization: 'Bearer x',
        cookie: 'a=b',
        'x-api-key': 'y',
        accept: '*/*',
        'content-type': 'text/plain',
      },
      body: 'hello',
    };
    expect(followRedirect(hop, 302, '/b')).toMatchObject({ method: 'GET', body: null, headers: { cookie: 'a=b' } });
    expect(followRedirect(hop, 307, 'https://example.org/')).toEqual({
      url: new URL('https://example.org/'),
      method: 'POST',
      headers: { accept: '*/*', 'content-type': 'text/plain' },
      body: 'hello',
    });
    expect(() => followRedirect(hop, 302, 'http://example.com/a')).toThrow(OutboundError);
  });

  test('a page that asks a browser to go elsewhere is only a page', async () => {
    const { body } = await outbound.fetch(`${friendOrigin}/refresh`, { ...limits, redirects: 3 });
    expect(body.toString()).toContain('http-equiv');
    expect(canary.visits).toEqual([]);
  });
});

describe('an answer', () => {
  test('is unpacked', async () => {
    expect((await outbound.fetch(`${friendOrigin}/gzip`, limits)).body.toString()).toBe('unpacked');
  });

  test.each([
    ['endless', 'too_large', 5_000],
    ['bomb', 'too_large', 5_000],
    ['double', 'broken', 5_000],
    ['slow', 'timeout', 200],
    ['silent', 'timeout', 200],
  ])('that is %s ends as %s', async (path, kind, timeoutMs) => {
    const error = await errorOf(`${friendOrigin}/${path}`, { timeoutMs });
    expect(error.kind).toBe(kind);
    expect(error.message).not.toMatch(/\d/);
  });

  test('is given up with its caller', async () => {
    const controller = new AbortController();
    const failed = errorOf(`${friendOrigin}/silent`, { signal: controller.signal });
    controller.abort();
    expect((await failed).kind).toBe('aborted');
  });
});
