import { execFile } from 'node:child_process';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { promisify } from 'node:util';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf, readPages } from './documentation.ts';
import { boot, type Server } from './boot.ts';
import {
  makePublishableKey,
  makeUserTokenSecret,
  openPage,
  shopOrigin,
  signUserToken,
  type WebPage,
} from './web-page.ts';

let server: Server;
let botId: string;
let key: string;
let secret: string;

beforeAll(async () => {
  server = await boot();
  botId = await server.makeBot();
  ({ secret: key } = await makePublishableKey(server, botId));
  ({ secret } = await makeUserTokenSecret(server, botId));
});
afterAll(() => server.close());

const newPage = (): WebPage => openPage(server.url, key);
const userPage = async (claims: Record<string, unknown>, signedWith = secret): Promise<WebPage> => {
  const page = newPage();
  page.userToken = await signUserToken(signedWith, { bot_id: botId, ...claims });
  return page;
};
const nowSeconds = (): number => Math.floor(Date.now() / 1_000);
const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a user token', () => {
  it('makes the visitor a known user, on every device the same', async () => {
    const [one, other] = [await userPage({ sub: 'customer-42' }), await userPage({ sub: 'customer-42' })];
    const first = await one.chat('Hi');
    expect(first.status, first.text).toBe(200);
    expect(first.body.user_id).toBe('customer-42');
    expect(one.visitorToken, 'nobody needs a visitor token who has a name').toBeNull();
    const second = await other.chat('Hi');
    expect(second.body.conversation_id).toBe(first.body.conversation_id);
    expect((await other.send('GET', `/v1/turns/${first.body.id}`)).status).toBe(200);
    const served = await server.send('POST', '/v1/chat', {
      body: { bot_id: botId, user_id: 'customer-42', message: 'From the server' },
    });
    expect(served.body.conversation_id).toBe(first.body.conversation_id);
  });

  it('brings traits, which are laid over those that are stored', async () => {
    const page = await userPage({ sub: 'traveller', traits: { plan: 'gold', seats: 3, vip: true } });
    await page.chat('Hi');
    await (await userPage({ sub: 'traveller', traits: { plan: 'silver' } })).chat('Hi');
    const { body } = await server.send('GET', '/v1/users/traveller');
    expect(body.traits).toEqual({ plan: 'silver', seats: 3, vip: true });
  });

  it('takes names and traits as long as those of the API, which counts an emoji as one character', async () => {
    const sub = '🧶'.repeat(256);
    const page = await userPage({ sub, traits: { ['🧵'.repeat(64)]: '🐑'.repeat(512) } });
    expect((await page.chat('Hi')).body.user_id).toBe(sub);
    const { body } = await server.send('GET', `/v1/users/${encodeURIComponent(sub)}`);
    expect(body.traits).toEqual({ ['🧵'.repeat(64)]: '🐑'.repeat(512) });
  });

  it('is made by the JavaScript of docs/browsers.md', async () => {
    const signer = blocksOf(readPages().find(({ path }) => path === 'docs/browsers.md')!).find(
      ({ language }) => language === 'js',
    );
    const program = `${signer?.text}
      process.stdout.write(signUserToken(...process.argv.slice(1)));`;
    const words = ['--input-type=module', '-e', program, secret, botId, 'signed-by-the-book'];
    const { stdout } = await promisify(execFile)(process.execPath, words);
    const page = newPage();
    page.userToken = stdout;
    expect((await page.chat('Hi')).body.user_id).toBe('signed-by-the-book');
  });

  const good = () => ({ sub: 'u', aud: 'parley', bot_id: botId, exp: nowSeconds() + 600 });
  const hmac = (text: string, digest = 'sha256'): string => createHmac(digest, secret).update(text).digest('base64url');
  const signed = (header: object, claims: object, digest?: string): string => {
    const text = `${base64url(header)}.${base64url(claims)}`;
    return `${text}.${hmac(text, digest)}`;
  };
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });

  const bad: [string, () => string | Promise<string>][] = [
    ['algorithm none', () => `${base64url({ alg: 'none' })}.${base64url(good())}.`],
    ['algorithm None with a signature', () => signed({ alg: 'None' }, good())],
    ['no algorithm', () => signed({}, good())],
    ['HS512', () => signed({ alg: 'HS512' }, good(), 'sha512')],
    ['RS256', () => new SignJWT(good()).setProtectedHeader({ alg: 'RS256' }).sign(privateKey)],
    ['RS256 claimed over the secret', () => signed({ alg: 'RS256', jwk: publicKey.export({ format: 'jwk' }) }, good())],
    ['a critical header that nobody knows', () => signed({ alg: 'HS256', crit: ['x'], x: 1 }, good())],
    ['another secret', () => signUserToken('prl_uts_not-the-one', good())],
    ['an empty secret', () => signUserToken('x', good())],
    [
      'a changed body',
      async () => (await signUserToken(secret, good())).replace(/\.[^.]+\./, `.${base64url({ ...good(), sub: 'v' })}.`),
    ],
    ['another audience', () => signUserToken(secret, { ...good(), aud: 'console' })],
    ['no audience', () => signed({ alg: 'HS256' }, { ...good(), aud: undefined })],
    ['no end', () => signed({ alg: 'HS256' }, { ...good(), exp: undefined })],
    ['an end that is text', () => signed({ alg: 'HS256' }, { ...good(), exp: '2999' })],
    ['an end in the past', () => signUserToken(secret, { ...good(), exp: nowSeconds() - 120 })],
    ['an end in two days', () => signUserToken(secret, { ...good(), exp: nowSeconds() + 2 * 86_400 })],
    ['a life of two days that ends soon', () => signUserToken(secret, { ...good(), iat: nowSeconds() - 2 * 86_400 })],
    ['a beginning in the future', () => signUserToken(secret, { ...good(), nbf: nowSeconds() + 3_600 })],
    ['an issue in the future', () => signUserToken(secret, { ...good(), iat: nowSeconds() + 3_600 })],
    ['another bot', () => signUserToken(secret, { ...good(), bot_id: 'bot_01k9z3v5e8f6t9w2x4y7z0a1b3' })],
    ['no bot', () => signUserToken(secret, { ...good(), bot_id: undefined })],
    ['no subject', () => signUserToken(secret, { ...good(), sub: undefined })],
    ['an empty subject', () => signUserToken(secret, { ...good(), sub: '' })],
    ['a subject that is a number', () => signed({ alg: 'HS256' }, { ...good(), sub: 7 })],
    ['a subject too long', () => signUserToken(secret, { ...good(), sub: 'x'.repeat(257) })],
    ['a subject with control characters', () => signUserToken(secret, { ...good(), sub: 'a\nb' })],
    [
      "an anonymous visitor's id as subject",
      () => signUserToken(secret, { ...good(), sub: 'visitor_01k9z3v5e8f6t9w2x4y7z0a1b3' }),
    ],
    ['a subject with half of a character', () => signed({ alg: 'HS256' }, { ...good(), sub: 'a\ud800' })],
    ['a trait with NUL', () => signed({ alg: 'HS256' }, { ...good(), traits: { plan: 'a\0b' } })],
    ['a trait with half of a character', () => signed({ alg: 'HS256' }, { ...good(), traits: { plan: '\ud800' } })],
    [
      'a trait whose name has half of a character',
      () => signed({ alg: 'HS256' }, { ...good(), traits: { '\ud800': 1 } }),
    ],
    ['a trait named __proto__', () => signed({ alg: 'HS256' }, { ...good(), traits: JSON.parse('{"__proto__":1}') })],
    ['a trait that is too long', () => signed({ alg: 'HS256' }, { ...good(), traits: { plan: 'x'.repeat(513) } })],
    ['traits that are a list', () => signUserToken(secret, { ...good(), traits: [1] })],
    ['traits within traits', () => signUserToken(secret, { ...good(), traits: { a: { b: 1 } } })],
    [
      'too many traits',
      () =>
        signUserToken(secret, {
          ...good(),
          traits: Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`t${at}`, 1])),
        }),
    ],
    ['text that is no token', () => 'abc'],
    ['three empty parts', () => '..'],
    ['nine thousand characters', () => 'a'.repeat(9_000)],
  ];

  it.each(bad)('with %s is refused, and nothing of a secret is said', async (_what, make) => {
    const page = newPage();
    page.userToken = await make();
    const { status, body, text, headers } = await page.send('GET', '/v1/conversations');
    expect({ status, code: body.error.code }, text).toEqual({ status: 401, code: 'invalid_user_token' });
    expect(headers.get('access-control-allow-origin')).toBe(shopOrigin);
    expect(text).not.toContain(secret);
    expect(text).not.toContain(page.userToken);
  });

  it("signed with another bot's secret is refused", async () => {
    const other = await server.makeBot();
    const { secret: others } = await makeUserTokenSecret(server, other);
    const page = await userPage({ sub: 'u' }, others);
    expect((await page.chat('Hi')).body.error.code).toBe('invalid_user_token');
  });

  it('is refused where the bot has no secret, which says what to do', async () => {
    const bot = await server.makeBot();
    const { secret: bare } = await makePublishableKey(server, bot);
    const page = openPage(server.url, bare);
    page.userToken = await signUserToken(secret, { sub: 'u', bot_id: bot });
    const { body } = await page.chat('Hi');
    expect(body.error.code).toBe('invalid_user_token');
    expect(body.detail).toContain('user_token_secret');
  });
});

describe('a visitor who becomes a known user', () => {
  it('keeps the conversation, which is the one they go on in', async () => {
    const page = newPage();
    const before = await page.chat('I am looking for a blanket');
    const visitorToken = page.visitorToken;
    page.userToken = await signUserToken(secret, { sub: 'becomes-known', bot_id: botId });
    const after = await page.chat('It is me');
    expect(after.body).toMatchObject({ conversation_id: before.body.conversation_id, user_id: 'becomes-known' });
    expect((await page.send('GET', `/v1/turns/${before.body.id}`)).body.user_id).toBe('becomes-known');
    expect((await page.send('GET', '/v1/conversations')).body.data).toHaveLength(1);

    // the visitor's token opens nothing of the user's, and begins anew
    const left = newPage();
    left.visitorToken = visitorToken;
    expect((await left.send('GET', `/v1/conversations/${before.body.conversation_id}`)).status).toBe(404);
    expect((await left.send('GET', `/v1/turns/${before.body.id}`)).status).toBe(404);
    const anew = await left.chat('Who am I?');
    expect(anew.body.conversation_id).not.toBe(before.body.conversation_id);
  });

  it('takes over nothing that belongs to another user', async () => {
    const page = newPage();
    const { body: before } = await page.chat('Hi');
    page.userToken = await signUserToken(secret, { sub: 'first-owner', bot_id: botId });
    await page.send('GET', '/v1/conversations');
    // the same browser, now with somebody else's name
    page.userToken = await signUserToken(secret, { sub: 'second-owner', bot_id: botId });
    expect((await page.send('GET', `/v1/conversations/${before.conversation_id}`)).status).toBe(404);
    expect((await page.send('GET', '/v1/conversations')).body.data).toEqual([]);
    const { body: owned } = await server.send('GET', `/v1/conversations/${before.conversation_id}`);
    expect(owned.user_id).toBe('first-owner');
  });

  it('is linked once, however many requests come at once', async () => {
    const page = newPage();
    const { body: before } = await page.chat('Hi');
    page.userToken = await signUserToken(secret, { sub: 'in-a-hurry', bot_id: botId });
    const answers = await Promise.all(Array.from({ length: 8 }, () => page.send('GET', '/v1/conversations')));
    for (const { status } of answers) expect(status).toBe(200);
    const { body: list } = await server.send('GET', '/v1/conversations?user_id=in-a-hurry');
    expect(list.data.map(({ id }: { id: string }) => id)).toEqual([before.conversation_id]);
    expect((await page.chat('Me again')).body.conversation_id).toBe(before.conversation_id);
  });

  it('finds earlier conversations of theirs beside the one they bring', async () => {
    const { body: earlier } = await server.send('POST', '/v1/chat', {
      body: { bot_id: botId, user_id: 'comes-back', message: 'Last week' },
    });
    const page = newPage();
    const { body: today } = await page.chat('Today');
    page.userToken = await signUserToken(secret, { sub: 'comes-back', bot_id: botId });
    const { body: list } = await page.send('GET', '/v1/conversations');
    expect(new Set(list.data.map(({ id }: { id: string }) => id))).toEqual(
      new Set([earlier.conversation_id, today.conversation_id]),
    );
    expect((await page.chat('Go on')).body.conversation_id).toBe(today.conversation_id);
  });

  it('sees what a linked name of theirs has said', async () => {
    const { body: phone } = await server.send('POST', '/v1/chat', {
      body: { bot_id: botId, user_id: '+995-1', message: 'By phone' },
    });
    await server.send('POST', '/v1/chat', { body: { bot_id: botId, user_id: 'web-1', message: 'By web' } });
    const linked = await server.send('POST', '/v1/users/web-1/link', { body: { user_id: '+995-1' } });
    expect(linked.status, linked.text).toBeLessThan(300);
    const page = await userPage({ sub: 'web-1' });
    expect((await page.send('GET', `/v1/turns/${phone.id}`)).status).toBe(200);
    expect((await page.send('GET', `/v1/conversations/${phone.conversation_id}`)).status).toBe(200);
  });
});

describe('secrets of user tokens', () => {
  const setUp = async () => {
    const bot = await server.makeBot();
    const { secret: page } = await makePublishableKey(server, bot);
    const worksWith = async (signedWith: string): Promise<boolean> => {
      const opened = openPage(server.url, page);
      opened.userToken = await signUserToken(signedWith, { sub: 'u', bot_id: bot });
      return (await opened.send('GET', '/v1/conversations')).status === 200;
    };
    const list = async () => (await server.send('GET', `/v1/bots/${bot}/user_token_secrets`)).body.data;
    return { bot, worksWith, list };
  };

  it('are shown once, and never again', async () => {
    const { bot, list } = await setUp();
    const made = await makeUserTokenSecret(server, bot);
    expect(made.secret).toMatch(/^prl_uts_[\w-]{43}$/);
    expect(await list()).toEqual([
      expect.objectContaining({
        id: made.id,
        object: 'user_token_secret',
        last_four: made.secret.slice(-4),
        expires_at: null,
      }),
    ]);
    expect(JSON.stringify(await list())).not.toContain(made.secret);
    expect(JSON.stringify(server.logged)).not.toContain(made.secret);
    for (const table of await server.tables()) {
      expect(JSON.stringify(await server.query(`select * from ${table}`)), table).not.toContain(made.secret);
    }
  });

  it('are listed in pages, as everything is', async () => {
    const bot = await server.makeBot();
    const made = [];
    for (let n = 0; n < 3; n++) made.push((await makeUserTokenSecret(server, bot)).id);
    const page = async (query: string) =>
      (await server.send('GET', `/v1/bots/${bot}/user_token_secrets?${query}`)).body;
    const first = await page('limit=2');
    expect(first).toMatchObject({ has_more: true, first_id: made[2], last_id: made[1] });
    expect(await page(`limit=2&after=${made[1]}`)).toMatchObject({ data: [{ id: made[0] }], has_more: false });
  });

  it('rotate with an overlap, and end with it', async () => {
    const { bot, worksWith, list } = await setUp();
    const old = await makeUserTokenSecret(server, bot);
    const kept = await makeUserTokenSecret(server, bot, { overlap_seconds: 600 });
    expect([await worksWith(old.secret), await worksWith(kept.secret)]).toEqual([true, true]);
    expect((await list()).map(({ id }: { id: string }) => id)).toEqual([kept.id, old.id]);
    const newest = await makeUserTokenSecret(server, bot, { overlap_seconds: 0 });
    expect([await worksWith(old.secret), await worksWith(kept.secret), await worksWith(newest.secret)]).toEqual([
      false,
      false,
      true,
    ]);
    expect(await list()).toHaveLength(1);
  });

  it('are refused at once when they are deleted', async () => {
    const { bot, worksWith } = await setUp();
    const made = await makeUserTokenSecret(server, bot);
    expect(await worksWith(made.secret)).toBe(true);
    expect((await server.send('DELETE', `/v1/bots/${bot}/user_token_secrets/${made.id}`)).status).toBe(200);
    expect(await worksWith(made.secret)).toBe(false);
    expect((await server.send('DELETE', `/v1/bots/${bot}/user_token_secrets/${made.id}`)).status).toBe(404);
  });

  it('of another bot do not exist', async () => {
    const { bot } = await setUp();
    const other = await server.makeBot();
    const made = await makeUserTokenSecret(server, bot);
    expect((await server.send('DELETE', `/v1/bots/${other}/user_token_secrets/${made.id}`)).status).toBe(404);
  });

  it('are at most five at once', async () => {
    const { bot } = await setUp();
    for (let made = 0; made < 5; made++) await makeUserTokenSecret(server, bot);
    const { status } = await server.send('POST', `/v1/bots/${bot}/user_token_secrets`);
    expect(status).toBe(400);
  });

  it('need the scope bots:write', async () => {
    const { body: reader } = await server.send('POST', '/v1/keys', {
      body: { name: 'r', scopes: ['bots:read', 'chat'] },
    });
    for (const method of ['GET', 'POST']) {
      const { status } = await server.send(method, `/v1/bots/${botId}/user_token_secrets`, { key: reader.secret });
      expect(status, method).toBe(403);
    }
  });

  it('go with their bot', async () => {
    const { bot } = await setUp();
    await makeUserTokenSecret(server, bot);
    const name = encodeURIComponent('Bot');
    expect((await server.send('DELETE', `/v1/bots/${bot}?confirm=${name}`)).status).toBe(200);
    await expect.poll(() => server.query(`select id from encrypted_secrets where subject_id = '${bot}'`)).toEqual([]);
  });
});
