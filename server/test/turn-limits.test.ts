import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../src/store/open-store.ts';
import { boot, type Server } from './boot.ts';
import { type ProviderCall, saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';
import { databaseOf } from './test-database.ts';

/** What a turn's callers may send, how long they wait, and how long they can read it again. */

let provider: ScriptedProvider;
let server: Server;
let bot: string;

beforeAll(async () => {
  provider = await startScriptedProvider(saying('We ship to Batumi.'));
  server = await boot({
    providerUrl: provider.url,
    env: { PARLEY_JSON_WAIT_MS: '100', PARLEY_MAX_MESSAGE_CHARACTERS: '100', PARLEY_BODY_LIMIT_BYTES: '70000' },
  });
  bot = await server.makeBot();
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

const chat = (body: Record<string, unknown>, headers: Record<string, string> = {}) =>
  server.send('POST', '/v1/chat', { body: { bot_id: bot, ...body }, headers });

describe('a JSON call', () => {
  it('that has waited as long as it may is told of the turn, which goes on', async () => {
    const { promise: asked, resolve: begin } = Promise.withResolvers<ProviderCall>();
    provider.use(begin);
    const headers = { 'idempotency-key': 'slow' };
    const { status, body } = await chat({ message: 'Slow?' }, headers);
    expect([status, body]).toEqual([202, expect.objectContaining({ object: 'turn', status: 'running', reply: null })]);
    const stream = await server.open('GET', `/v1/turns/${body.id}/stream`);
    await saying('Here it is.')(await asked, 1);
    await stream.until('turn.completed');
    const { body: turn } = await server.send('GET', `/v1/turns/${body.id}`);
    expect(turn).toMatchObject({ status: 'completed', reply: { content: 'Here it is.' }, usage: { messages: 1 } });
    const retry = await chat({ message: 'Slow?' }, headers);
    expect([retry.status, { ...retry.body, feedback: null }]).toEqual([200, turn]);
    provider.use(saying('We ship to Batumi.'));
  });

  it('with a message that is too long is refused, as is a body of any route that is too large', async () => {
    const before = provider.calls.length;
    const long = await chat({ message: 'x'.repeat(101) });
    expect([long.status, long.body.error.code]).toEqual([400, 'message_too_long']);
    const waves = await chat({ message: '\u{1f44b}'.repeat(101) });
    expect([waves.status, waves.body.detail]).toEqual([400, 'The message has 101 characters; 100 are allowed.']);
    const large = await server.send('POST', '/v1/bots', { body: { name: 'Bot', instructions: 'x'.repeat(80_000) } });
    expect([large.status, large.body.error.code]).toEqual([413, 'body_too_large']);
    expect(provider.calls.length).toBe(before);
    // a character is one, however many units it is stored in
    expect((await chat({ message: '\u{1f44b}'.repeat(100) })).status).toBe(200);
  });
});

describe('the events of a turn', () => {
  it('that are not kept any more are 410, while the turn stays, and a retry is told it in one piece', async () => {
    const body = { bot_id: bot, message: 'Do you ship?', stream: true };
    const headers = { 'idempotency-key': 'kept' };
    const first = await server.open('POST', '/v1/chat', { body, headers });
    const { data: turn } = await first.until('turn.completed');
    // as the job does it an hour later
    const { place } = await databaseOf(server.dataDir);
    const store = await openStore(place, { migrate: false });
    await store.turns.pruneLogs(Date.now() + 1_000, 1_000);
    await store.close();

    for (const after of ['', '?after=1-1', '?after=1-99']) {
      const gone = await server.send('GET', `/v1/turns/${turn.id}/stream${after}`);
      expect([gone.status, gone.body.error.code]).toEqual([410, 'turn_log_expired']);
    }
    expect((await server.send('GET', `/v1/turns/${turn.id}`)).body).toEqual({ ...turn, feedback: null });
    const again = await server.open('POST', '/v1/chat', { body, headers });
    await again.done;
    expect(again.response.headers.get('idempotent-replayed')).toBe('true');
    expect(again.events.map(({ event }) => event)).toEqual(['turn.started', 'reply.delta', 'turn.completed']);
    expect(again.events.map(({ data }) => data).slice(1)).toEqual([{ text: 'We ship to Batumi.' }, turn]);
  });
});
