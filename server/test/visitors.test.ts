import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';
import {
  makePublishableKey,
  makeUserTokenSecret,
  openPage,
  shopOrigin,
  signUserToken,
  type WebPage,
} from './web-page.ts';

let provider: ScriptedProvider;
let server: Server;
let botId: string;
let key: string;

beforeAll(async () => {
  provider = await startScriptedProvider(saying('We ship to Batumi.'));
  server = await boot({ providerUrl: provider.url });
  botId = await server.makeBot({ greeting: 'Hello!' });
  ({ secret: key } = await makePublishableKey(server, botId));
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

const newPage = (): WebPage => openPage(server.url, key);

describe('a visitor', () => {
  it('gets a token with the first reply, and is known by it', async () => {
    const page = newPage();
    const first = await page.chat('Do you ship?');
    expect(first.status, first.text).toBe(200);
    expect(first.body).toMatchObject({ bot_id: botId, user_id: expect.stringMatching(/^visitor_/) });
    expect(first.headers.get('access-control-expose-headers')).toContain('parley-visitor-token');
    expect(first.text).not.toContain(page.visitorToken);
    const second = await page.chat('Really?');
    expect(second.body.conversation_id).toBe(first.body.conversation_id);
    expect(second.body.user_id).toBe(first.body.user_id);
    expect(second.headers.get('parley-visitor-token'), 'a fresh token is not replaced').toBeNull();
  });

  it('gets the token before the body where the reply is a stream', async () => {
    const page = newPage();
    const stream = await page.open('POST', '/v1/chat', { body: { message: 'Hi', stream: true } });
    expect(page.visitorToken).not.toBeNull();
    expect(stream.response.headers.get('access-control-allow-origin')).toBe(shopOrigin);
    const { data } = await stream.until('turn.completed');
    expect(data.reply.content).toBe('We ship to Batumi.');
    const resumed = await page.open('GET', `/v1/turns/${data.id}/stream`);
    expect((await resumed.until('turn.completed')).data).toEqual(data);
  });

  it('who becomes a known user in the middle of a reply hears it to its end', async () => {
    const told = Promise.withResolvers<void>();
    provider.use(async (call) => {
      call.say('Wait');
      await told.promise;
      call.say(' for it');
      call.end();
    });
    const page = newPage();
    const stream = await page.open('POST', '/v1/chat', { body: { message: 'Hi', stream: true } });
    await stream.until('reply.delta');
    const { data: begun } = await stream.until('turn.started');
    const { secret } = await makeUserTokenSecret(server, botId);
    page.userToken = await signUserToken(secret, { sub: 'signs-in-late', bot_id: botId });
    const resumed = await page.open('GET', `/v1/turns/${begun.turn_id}/stream`);
    expect(resumed.response.status).toBe(200);
    told.resolve();
    for (const each of [stream, resumed])
      expect((await each.until('turn.completed')).data.reply.content).toBe('Wait for it');
    const { body: turn } = await server.send('GET', `/v1/turns/${begun.turn_id}`);
    expect(turn).toMatchObject({ status: 'completed', user_id: 'signs-in-late' });
    provider.use(saying('We ship to Batumi.'));
    expect((await page.chat('And now?')).body.conversation_id).toBe(turn.conversation_id);
  });

  it('begins another conversation once theirs is closed, and opens that again by naming it', async () => {
    const page = newPage();
    const { body: turn } = await page.chat('Do you ship?');
    const closed = `/v1/conversations/${turn.conversation_id}`;
    await server.send('PATCH', closed, { body: { status: 'closed' } });
    const { body: other } = await page.chat('And to Kutaisi?');
    expect(other.conversation_id).not.toBe(turn.conversation_id);
    expect((await server.send('GET', closed)).body.status).toBe('closed');
    const named = await page.send('POST', '/v1/chat', {
      body: { message: 'One more thing', conversation_id: turn.conversation_id },
    });
    expect(named.body).toMatchObject({ conversation_id: turn.conversation_id, finish_reason: 'stop' });
    expect((await server.send('GET', closed)).body.status).toBe('open');
    expect((await page.chat('Thanks')).body.conversation_id).toBe(turn.conversation_id);
    const stranger = await newPage().send('POST', '/v1/chat', {
      body: { message: 'Hi', conversation_id: turn.conversation_id },
    });
    expect(stranger.status).toBe(404);
  });

  it('is erased like every other user, and begins anew with the token they have', async () => {
    const page = newPage();
    const { body: turn } = await page.chat('Forget me');
    const erased = await server.send('DELETE', `/v1/users/${turn.user_id}`);
    expect(erased.status, erased.text).toBeLessThan(300);
    expect((await page.send('GET', `/v1/turns/${turn.id}`)).status).toBe(404);
    expect((await page.send('GET', '/v1/conversations')).body.data).toEqual([]);
    const anew = await page.chat('Hi');
    expect(anew.status, anew.text).toBe(200);
    expect(anew.body.conversation_id).not.toBe(turn.conversation_id);
  });

  it('who has seen all of a running reply is let in at once when they come back', async () => {
    const told = Promise.withResolvers<void>();
    provider.use(async (call) => {
      call.say('Wait');
      await told.promise;
      call.say(' for it');
      call.end();
    });
    const page = newPage();
    const stream = await page.open('POST', '/v1/chat', { body: { message: 'Hi', stream: true } });
    const { id } = await stream.until('reply.delta');
    const { data } = await stream.until('turn.started');
    stream.cut();
    // the answer's headers come although nothing is to be told yet
    const resumed = await page.open('GET', `/v1/turns/${data.turn_id}/stream`, { headers: { 'last-event-id': id } });
    expect(resumed.response.status).toBe(200);
    told.resolve();
    await resumed.until('turn.completed');
    expect(resumed.events.map(({ event }) => event)).toEqual(['reply.delta', 'turn.completed']);
    // and not only with the first sign of life of a silent stream
    expect(resumed.raw()).not.toMatch(/^:/);
    provider.use(saying('We ship to Batumi.'));
  });

  it('reads, lists, rates and cancels what is their own', async () => {
    const page = newPage();
    const { body: turn } = await page.chat('Hi', { metadata: { page: 'cart' } });
    const conversation = `/v1/conversations/${turn.conversation_id}`;
    expect((await page.send('GET', `/v1/turns/${turn.id}`)).body.id).toBe(turn.id);
    expect((await page.send('POST', `/v1/turns/${turn.id}/cancel`)).body.status).toBe('completed');
    const rated = await page.send('POST', `/v1/turns/${turn.id}/feedback`, { body: { rating: 'up' } });
    expect(rated.status, rated.text).toBe(200);
    expect((await page.send('GET', '/v1/conversations')).body.data.map(({ id }: { id: string }) => id)).toEqual([
      turn.conversation_id,
    ]);
    const read = await page.send('GET', conversation);
    const contents = read.body.messages.data.map(({ content }: { content: string }) => content);
    expect(contents).toEqual(['We ship to Batumi.', 'Hi', 'Hello!']);
    expect((await page.send('GET', `${conversation}/messages`)).body.data).toHaveLength(3);
  });

  it('is shown no metadata, which servers keep for themselves', async () => {
    const page = newPage();
    const { body: turn } = await page.chat('Hi');
    const conversation = `/v1/conversations/${turn.conversation_id}`;
    await server.send('PATCH', conversation, { body: { metadata: { note: 'owes us money' } } });
    for (const path of [conversation, '/v1/conversations', `${conversation}/messages`]) {
      const { status, text } = await page.send('GET', path);
      expect(status, path).toBe(200);
      expect(text, path).not.toContain('owes us');
    }
    expect((await server.send('GET', conversation)).text).toContain('owes us');
  });

  it('finds nothing of another visitor, of the bot or of anybody: all of it does not exist', async () => {
    const owner = newPage();
    const { body: turn } = await owner.chat('Secret question');
    const { body: served } = await server.send('POST', '/v1/chat', {
      body: { bot_id: botId, message: 'x', user_id: 'anna' },
    });
    const { body: nobodys } = await server.send('POST', '/v1/chat', { body: { bot_id: botId, message: 'x' } });
    const stranger = newPage();
    await stranger.chat('Hi');
    const unknown = {
      id: turn.id.replace(/.{4}$/, '0000'),
      conversation_id: turn.conversation_id.replace(/.{4}$/, '0000'),
    };
    const asked = (of: { id: string; conversation_id: string }) =>
      [
        ['GET', `/v1/turns/${of.id}`],
        ['GET', `/v1/turns/${of.id}/stream`],
        ['POST', `/v1/turns/${of.id}/cancel`],
        ['POST', `/v1/turns/${of.id}/feedback`, { rating: 'up' }],
        ['GET', `/v1/conversations/${of.conversation_id}`],
        ['GET', `/v1/conversations/${of.conversation_id}/messages`],
        ['POST', '/v1/chat', { message: 'Go on', conversation_id: of.conversation_id }],
      ] as const;
    const fates = await Promise.all(
      [unknown, turn, served, nobodys].map((of) =>
        Promise.all(
          asked(of).map(async ([method, path, body]) => {
            const answer = await stranger.send(method, path, body ? { body } : {});
            const { instance: _instance, ...problem } = answer.body;
            return { status: answer.status, problem };
          }),
        ),
      ),
    );
    expect(fates[0]!.map(({ status }) => status)).toEqual(fates[0]!.map(() => 404));
    for (const fate of fates.slice(1)) expect(fate).toEqual(fates[0]);
    const { body: list } = await stranger.send('GET', '/v1/conversations');
    expect(list.data).toHaveLength(1);
    expect((await newPage().send('GET', '/v1/conversations')).body.data).toEqual([]);
  });

  it.each([
    ['GET', '/v1/conversations?user_id=anna', 'user_id'],
    ['GET', '/v1/conversations?q=secret', 'q'],
  ])('may not %s %s', async (method, path, param) => {
    const { status, body } = await newPage().send(method, path);
    expect({ status, param: body.error.param }).toEqual({ status: 400, param });
  });

  it('cannot say that they are somebody', async () => {
    const { status, body } = await newPage().chat('Hi', { user_id: 'customer-1' });
    expect({ status, param: body.error.param }).toEqual({ status: 400, param: 'user_id' });
    expect(body.detail).toContain('Parley-User-Token');
  });

  it('cannot reach another bot', async () => {
    const other = await server.makeBot();
    const { status, body } = await newPage().chat('Hi', { bot_id: other });
    expect({ status, code: body.error.code }).toEqual({ status: 404, code: 'not_found' });
  });

  it('does not meet another visitor who sends the same Idempotency-Key', async () => {
    const [one, other] = [newPage(), newPage()];
    await one.chat('Hi');
    await other.chat('Hi');
    const name = { 'idempotency-key': 'first' };
    const mine = await one.chat('Again', {}, name);
    const theirs = await other.chat('Quite another text', {}, name);
    expect([mine.status, theirs.status]).toEqual([200, 200]);
    expect(theirs.body.id).not.toBe(mine.body.id);
    const replayed = await one.chat('Again', {}, name);
    expect(replayed.headers.get('idempotent-replayed')).toBe('true');
    expect(replayed.body.id).toBe(mine.body.id);
  });

  it('is told nothing of what the plan leaves', async () => {
    const limited = await boot({ plan: { messages_per_month: 1, requests_per_minute: 500 } });
    try {
      const { secret } = await makePublishableKey(limited, await limited.makeBot());
      const page = openPage(limited.url, secret);
      const first = await page.chat('Hi');
      expect(first.headers.get('ratelimit')).not.toContain('month');
      expect(first.headers.get('ratelimit-policy')).toBe('"permin";q=120;w=60');
      const second = await page.chat('Hi again');
      expect(second.body.error.code).toBe('quota_exceeded');
      expect(second.body.detail).not.toMatch(/\d/);
    } finally {
      await limited.close();
    }
  });

  it.each([
    ['no token at all', () => 'nonsense'],
    ['a token with another end', (token: string) => `${token.slice(0, -2)}xx`],
    ['a token with another body', (token: string) => `e30${token}`],
    ['two tokens', (token: string) => `${token}, ${token}`],
  ])('with %s is refused, and the page can read why', async (_what, change) => {
    const page = newPage();
    await page.chat('Hi');
    page.visitorToken = change(page.visitorToken ?? '');
    const { status, body, headers } = await page.chat('Hi');
    expect({ status, code: body.error.code }).toEqual({ status: 401, code: 'invalid_visitor_token' });
    expect(headers.get('access-control-allow-origin')).toBe(shopOrigin);
  });

  it('of one bot is nobody to another', async () => {
    const page = newPage();
    await page.chat('Hi');
    const { secret } = await makePublishableKey(server, await server.makeBot());
    const other = openPage(server.url, secret);
    other.visitorToken = page.visitorToken;
    expect((await other.chat('Hi')).body.error.code).toBe('invalid_visitor_token');
  });
});
