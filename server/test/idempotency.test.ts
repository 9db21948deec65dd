import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { type ProviderCall, saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

let provider: ScriptedProvider;
let server: Server;
let bot: string;

beforeAll(async () => {
  provider = await startScriptedProvider(saying('Once and only once.'));
  server = await boot({ providerUrl: provider.url });
  bot = await server.makeBot();
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

const chat = (key: string, body: Record<string, unknown> = {}) =>
  server.send('POST', '/v1/chat', {
    body: { bot_id: bot, message: 'Hi', ...body },
    headers: { 'idempotency-key': key },
  });

describe('a chat call with an Idempotency-Key', () => {
  it('gives the stored turn to a retry, at no cost', async () => {
    const before = provider.calls.length;
    const first = await chat('json');
    const retry = await chat('json');
    const quoted = await chat('"json"');
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(retry.headers.get('idempotent-replayed')).toBe('true');
    expect(retry.body).toEqual(first.body);
    expect(quoted.body).toEqual(first.body);
    expect(provider.calls.length - before).toBe(1);
    const { body: ledger } = await server.send('GET', '/v1/usage/ledger?limit=100');
    expect(ledger.data.filter((charge: { turn_id: string }) => charge.turn_id === first.body.id)).toHaveLength(1);
  });

  it('gives a stream retry the same bytes, and a JSON retry of a stream the same turn', async () => {
    const open = () =>
      server.open('POST', '/v1/chat', {
        body: { bot_id: bot, message: 'Hi', stream: true },
        headers: { 'idempotency-key': 'stream' },
      });
    const first = await open();
    await first.done;
    const retry = await open();
    await retry.done;
    expect(retry.raw()).toBe(first.raw());
    expect(retry.response.headers.get('idempotent-replayed')).toBe('true');
    const json = await chat('stream');
    expect(json.body).toEqual(first.events.at(-1)?.data);
  });

  it('makes one turn for a hundred callers at once, of both kinds, and all get it', async () => {
    const before = provider.calls.length;
    let held: ProviderCall | null = null;
    provider.use((call) => {
      call.say('Held');
      held = call;
    });
    const callers = Array.from({ length: 100 }, (_, at) =>
      at % 2 === 0
        ? chat('hundred').then(({ body }) => body)
        : server
            .open('POST', '/v1/chat', {
              body: { bot_id: bot, message: 'Hi', stream: true },
              headers: { 'idempotency-key': 'hundred' },
            })
            .then(async (reader) => {
              await reader.done;
              return reader.events.at(-1)?.data;
            }),
    );
    await expect.poll(() => held).not.toBeNull();
    held!.end();
    const turns = await Promise.all(callers);
    expect(new Set(turns.map((turn) => JSON.stringify(turn))).size).toBe(1);
    expect(turns[0].status).toBe('completed');
    expect(provider.calls.length - before).toBe(1);
    provider.use(saying('Once and only once.'));
  });

  it('is refused for another body, and is another call for another key of the workspace', async () => {
    const first = await chat('body');
    const other = await chat('body', { message: 'Ho' });
    expect([other.status, other.body.error.code]).toEqual([422, 'idempotency_mismatch']);
    const { body: key } = await server.send('POST', '/v1/keys', { body: { name: 'second', scopes: ['chat'] } });
    const apart = await server.send('POST', '/v1/chat', {
      key: key.secret,
      body: { bot_id: bot, message: 'Hi' },
      headers: { 'idempotency-key': 'body' },
    });
    expect(apart.body.id).not.toBe(first.body.id);
    expect(apart.headers.get('idempotent-replayed')).toBeNull();
  });

  it('replays a failure that was stored, and runs again what was refused before anything was', async () => {
    const calls = provider.calls.length;
    provider.use((call) => call.fail(400));
    const failed = await chat('failure');
    expect([failed.status, failed.body.error.code]).toEqual([502, 'model_error']);
    expect(failed.text).not.toContain('provider secret text');
    provider.use(saying('Better.'));
    const replay = await chat('failure');
    expect([replay.status, replay.body.error.code]).toEqual([502, 'model_error']);
    expect(replay.headers.get('idempotent-replayed')).toBe('true');
    expect(provider.calls.length - calls).toBe(1);
    const refused = await chat('refused', { conversation_id: 'conv_01m81mv3vhfpcvc7gtyvfjz717' });
    expect(refused.status).toBe(404);
    const accepted = await chat('refused');
    expect(accepted.status).toBe(200);
  });

  it('that failed is replayed with the word not to repeat it, and asked again with a new key is charged once', async () => {
    const ask = (key: string | null) =>
      server.send('POST', '/v1/chat', {
        body: { bot_id: bot, user_id: 'asks again', message: 'Hi' },
        headers: key === null ? {} : { 'idempotency-key': key },
      });
    provider.use((call) => call.fail(400));
    const failed = await ask('fails once');
    const without = await ask(null);
    provider.use(saying('Better.'));
    const replay = await ask('fails once');
    for (const { status, body, headers } of [failed, replay]) {
      expect([status, body.error.code, headers.get('x-should-retry')]).toEqual([502, 'model_error', 'false']);
    }
    expect([failed, replay].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true']);
    // without a key the same request is another turn
    expect([without.status, without.headers.get('x-should-retry')]).toEqual([502, null]);
    const anew = await ask('asked anew');
    expect(anew.body).toMatchObject({ status: 'completed', reply: { content: 'Better.' }, usage: { messages: 1 } });
    expect(anew.headers.get('x-should-retry')).toBeNull();
    const { body: ledger } = await server.send('GET', '/v1/usage/ledger?limit=100');
    const failedId = failed.headers.get('parley-turn-id');
    const charged = ledger.data.map((charge: { turn_id: string }) => charge.turn_id);
    expect(charged.filter((id: string) => [failedId, anew.body.id].includes(id))).toEqual([anew.body.id]);
  });

  it.each(['', 'x'.repeat(256), 'tab\tinside'])('is refused where the key is not a sane one (case %#)', async (key) => {
    const { status, body } = await chat(key);
    expect([status, body.error.code, body.error.param]).toEqual([400, 'invalid_request', 'Idempotency-Key']);
  });
});

describe('an answer that is kept for repeated requests', () => {
  it('goes with the conversation that it tells of', async () => {
    const post = (path: string, key: string, body: unknown) =>
      server.send('POST', path, { body, headers: { 'idempotency-key': key } });
    const made = await post('/v1/conversations', 'made', { bot_id: bot, metadata: { note: 'only here' } });
    const again = await post('/v1/conversations', 'made', { bot_id: bot, metadata: { note: 'only here' } });
    expect([again.headers.get('idempotent-replayed'), again.body.id]).toEqual(['true', made.body.id]);
    const path = `/v1/conversations/${made.body.id}/messages`;
    const messages = { messages: [{ role: 'user', content: 'Nobody else may read this' }] };
    expect((await post(path, 'import', messages)).status).toBe(201);
    expect((await post(path, 'import', messages)).headers.get('idempotent-replayed')).toBe('true');
    await server.send('DELETE', `/v1/conversations/${made.body.id}`);
    const late = await post(path, 'import', messages);
    expect([late.status, late.text.includes('Nobody else')]).toEqual([404, false]);
    const anew = await post('/v1/conversations', 'made', { bot_id: bot, metadata: { note: 'only here' } });
    expect(anew.body.id).not.toBe(made.body.id);
  });
});

describe('what may safely be done twice', () => {
  const ask = (path: string, key: string, body?: unknown) =>
    server.send('POST', path, { body, headers: { 'idempotency-key': key } });

  it('gives a repeated cancel the first answer, and refuses the key for another turn', async () => {
    const one = (await chat('cancel-one')).body;
    const other = (await chat('cancel-other', { message: 'Hello' })).body;
    const first = await ask(`/v1/turns/${one.id}/cancel`, 'cancel');
    const again = await ask(`/v1/turns/${one.id}/cancel`, 'cancel');
    expect([first.status, first.headers.get('idempotent-replayed')]).toEqual([200, null]);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    expect(again.body).toEqual(first.body);
    expect((await ask(`/v1/turns/${other.id}/cancel`, 'cancel')).body.error.code).toBe('idempotency_mismatch');
  });

  it('keeps a rating that came later than the one that is repeated', async () => {
    const { id, conversation_id: conversation } = (await chat('rated')).body;
    const rate = (key: string, rating: string) => ask(`/v1/turns/${id}/feedback`, key, { rating });
    const first = await rate('rate-1', 'down');
    await rate('rate-2', 'up');
    const again = await rate('rate-1', 'down');
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    expect(await server.query(`select rating from turns where id = '${id}'`)).toEqual([{ rating: 'up' }]);
    expect((await rate('rate-1', 'up')).status).toBe(422);
    // what was kept goes with the conversation
    await server.send('DELETE', `/v1/conversations/${conversation}`);
    expect((await rate('rate-1', 'down')).status).toBe(404);
  });

  it('gives a repeated search the first answer, whatever the bot has learned since', async () => {
    const search = (key: string) => ask(`/v1/bots/${bot}/search`, key, { query: 'wool' });
    expect((await search('search-1')).body.data).toEqual([]);
    const source = { type: 'text', title: 'Shop', text: 'We sell wool.' };
    const made = await server.send('POST', `/v1/bots/${bot}/sources`, { body: source });
    const status = async () => (await server.send('GET', `/v1/bots/${bot}/sources/${made.body.id}`)).body.status;
    await expect.poll(status).toBe('ready');
    expect((await search('search-2')).body.data).toHaveLength(1);
    const again = await search('search-1');
    expect([again.body.data, again.headers.get('idempotent-replayed')]).toEqual([[], 'true']);
  });

  it('of two requests at once both get one answer', async () => {
    const { id } = (await chat('cancel-twice')).body;
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(`/v1/turns/${id}/cancel`, 'twice')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });
});
