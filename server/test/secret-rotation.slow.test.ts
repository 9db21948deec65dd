import { createServer, type IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sealingKeyring } from '../src/config/sealing-keyring.ts';
import { secretsFrom } from '../src/config/secrets.ts';
import { newId } from '../src/kit/id.ts';
import { openStore } from '../src/store/open-store.ts';
import { apiClient } from './api-client.ts';
import { commandLine, type RunningServer } from './command-line.ts';
import { type KeyedProvider, startKeyedProvider } from './keyed-provider.ts';

/** The master secret is replaced under real servers: nothing that stood under the old one stops working. */

const first = 'kV9x2LqPz7RmWb4TnY8sHd3JfGc6AeUo';
const second = 'Qw8nZ5rTb2XyLk7PvM4sJd9HfGc3AeUo';
const third = 'Zt6mR1wCx9KbVp3NqY5sLd7JhGf2AeUo';
const providerKey = 'sk-provider-key-1234';

type Received = { headers: IncomingHttpHeaders; body: string };

const startReceiver = async () => {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
      response.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, received, close: () => server.close() };
};

let parley: ReturnType<typeof commandLine>;
let provider: KeyedProvider;
let receiver: Awaited<ReturnType<typeof startReceiver>>;

beforeEach(async () => {
  parley = commandLine();
  provider = await startKeyedProvider([providerKey], 'Ours.');
  receiver = await startReceiver();
});
afterEach(async () => {
  await parley.cleanUp();
  await provider.close();
  receiver.close();
});

const allowed = () => ({ PARLEY_OUTBOUND_ALLOW: `${provider.origin},${receiver.origin}` });
const under = (secret: string, previous?: string): Record<string, string> => ({
  ...allowed(),
  PARLEY_SECRET: secret,
  ...(previous === undefined ? {} : { PARLEY_SECRET_PREVIOUS: previous }),
});
const firstKeyOf = (server: RunningServer): string => /prl_live_\w+/.exec(server.output())?.[0] ?? '';
const doctor = async (environment: Record<string, string>): Promise<string> =>
  (await parley.run(['doctor'], environment)).answer;
/** Writes past the server, which is stopped. */
const write = (sql: string): void => {
  const database = new DatabaseSync(join(parley.dataDir, 'parley.db'));
  database.exec(sql);
  database.close();
};

/** Everything that hangs on the master secret, made under the one in force. */
const setUp = async (url: string, key: string) => {
  const client = apiClient(url, key);
  const make = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const answer = await client.send('POST', path, { body, headers });
    expect(answer.status, answer.text).toBe(201);
    return answer.body;
  };
  const repeated = { body: { name: 'repeated', scopes: ['chat'] }, headers: { 'idempotency-key': 'once' } };
  await make('/v1/providers', {
    name: 'ours',
    type: 'openai-compatible',
    base_url: provider.url,
    api_key: providerKey,
  });
  const bot = await make('/v1/bots', { name: 'Bot', model: 'ours/small' });
  const hook = await make('/v1/webhook_endpoints', { url: `${receiver.origin}/hook`, events: ['turn.completed'] });
  return {
    botId: bot.id as string,
    hook: { id: hook.id as string, secret: hook.secret as string },
    idleKey: (await make('/v1/keys', { name: 'idle', scopes: ['bots:read'] })).secret as string,
    repeated,
    repeatedAnswer: await make('/v1/keys', repeated.body, repeated.headers),
  };
};

type SetUp = Awaited<ReturnType<typeof setUp>>;

/** Uses all of it but the idle key. */
const expectAllToWork = async (url: string, key: string, made: SetUp): Promise<void> => {
  const client = apiClient(url, key);
  const chat = await client.send('POST', '/v1/chat', { body: { bot_id: made.botId, message: 'Hello' } });
  expect(chat.body.reply?.content, chat.text).toBe('Ours.');
  const before = receiver.received.length;
  const tested = await client.send('POST', `/v1/webhook_endpoints/${made.hook.id}/test`);
  expect(tested.status, tested.text).toBeLessThan(300);
  await vi.waitFor(
    () => {
      const { headers, body } = receiver.received.slice(before).at(-1) ?? { headers: {}, body: '' };
      new Webhook(made.hook.secret).verify(body, headers as Record<string, string>);
    },
    { timeout: 10_000 },
  );
};

const expectReplay = async (url: string, key: string, made: SetUp): Promise<void> => {
  const again = await apiClient(url, key).send('POST', '/v1/keys', made.repeated);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(again.body).toEqual(made.repeatedAnswer);
};

describe('a new master secret', () => {
  it('takes the place of the old one without anything that stops working', async () => {
    const before = await parley.serve(under(first));
    const key = firstKeyOf(before);
    const made = await setUp(before.url, key);
    await expectAllToWork(before.url, key, made);
    await before.end('SIGTERM');

    // not begun yet: only a start begins it
    expect(await doctor(under(second, first))).toContain('the next start begins to replace it');
    const early = await parley.run(['key', 'create', '--name', 'x', '--scopes', 'all'], under(second, first));
    expect(early).toMatchObject({ code: 1, note: expect.stringContaining('has not begun') });

    const during = await parley.serve(under(second, first));
    await expectAllToWork(during.url, key, made);
    await expectReplay(during.url, key, made);
    const late = await parley.run(['key', 'create', '--name', 'x', '--scopes', 'all'], under(second, first));
    expect((await apiClient(during.url, late.answer.trim()).send('GET', '/v1/bots')).status).toBe(200);
    await vi.waitFor(async () => expect(await doctor(under(second, first))).toContain(' 0 sealed secrets,'), 60_000);
    const standing = await doctor(under(second, first));
    expect(standing).toContain('is still needed: 0 sealed secrets, 2 keys that were not used since, ');
    expect(standing).toMatch(/use, rotate or revoke the keys key_\w+, key_\w+/);
    await during.end('SIGTERM');

    // too early, the wrong way, and with a stranger between
    for (const [environment, reason] of [
      [under(second), 'the rotation of the secret is not finished'],
      [under(first), 'the rotation of the secret is not finished'],
      [under(third, second), 'the rotation of the secret is not finished'],
      [under(third), 'was made under another secret'],
    ] as const) {
      const refused = await parley.run(['start'], environment);
      expect(refused).toMatchObject({ code: 1, answer: '', note: expect.stringContaining(reason) });
      expect(refused.note).not.toMatch(new RegExp(`${first}|${second}|${third}`));
    }

    // a day later no answer is kept any more
    write('update idempotency_keys set expires_at = 1');
    const last = await parley.serve(under(second, first));
    expect((await apiClient(last.url, made.idleKey).send('GET', '/v1/bots')).status).toBe(200);
    expect((await apiClient(last.url, made.repeatedAnswer.secret).send('GET', '/v1/usage')).status).toBe(403);
    await vi.waitFor(
      async () => expect(await doctor(under(second, first))).toContain('nothing stands under the secret in'),
      { timeout: 90_000, interval: 2_000 },
    );
    await last.end('SIGTERM');

    const after = await parley.serve(under(second));
    await expectAllToWork(after.url, key, made);
    expect((await apiClient(after.url, made.idleKey).send('GET', '/v1/bots')).status).toBe(200);
    await after.end('SIGTERM');
    expect(await doctor(under(second))).toContain('belongs to the database');
    const old = await parley.run(['start'], under(first));
    expect(old).toMatchObject({ code: 1, note: expect.stringContaining('was made under another secret') });
  });

  it('is brought to the end by a server that was killed in the middle', async () => {
    const before = await parley.serve(under(first));
    await before.end('SIGTERM');
    const place = { kind: 'sqlite', path: join(parley.dataDir, 'parley.db') } as const;
    const origin = { created: false, warnings: [] };
    const oldStore = await openStore(place, { migrate: false, keyring: sealingKeyring(secretsFrom(first, origin)) });
    const ids = Array.from({ length: 5_000 }, () => newId('secret'));
    await oldStore.transact(async ({ encryptedSecrets }) => {
      for (const id of ids) {
        const secret = { id, workspaceId: 'ws_a', purpose: 'channel_token', subjectId: id, lastFour: 'last' } as const;
        await encryptedSecrets.insert({ ...secret, createdAt: 1, expiresAt: null }, `value of ${id}`);
      }
    });
    await oldStore.close();
    const rings = { current: sealingKeyring(secretsFrom(second, origin)) };
    const renewed = (): number => {
      const database = new DatabaseSync(place.path, { readOnly: true });
      const row = database
        .prepare('select count(*) as count from encrypted_secrets where key_version = ?')
        .get(rings.current.current);
      database.close();
      return Number(row?.['count']);
    };

    const killed = await parley.serve(under(second, first));
    await vi.waitFor(() => expect(renewed()).toBeGreaterThan(0), { timeout: 20_000, interval: 5 });
    await killed.end('SIGKILL');
    const done = renewed();
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(ids.length);

    const again = await parley.serve(under(second, first));
    await vi.waitFor(() => expect(renewed()).toBe(ids.length), { timeout: 90_000, interval: 100 });
    await again.end('SIGTERM');
    const newStore = await openStore(place, { migrate: false, keyring: rings.current });
    for (const id of ids) expect(await newStore.readers.encryptedSecrets.reveal('ws_a', id)).toBe(`value of ${id}`);
    await newStore.close();
  });
});

describe('secret rotate', () => {
  it('makes a new file beside the old one, which the next start takes up', async () => {
    const before = await parley.serve(allowed());
    const key = firstKeyOf(before);
    // a key that nobody uses keeps the rotation from its end
    await apiClient(before.url, key).send('POST', '/v1/keys', { body: { name: 'idle', scopes: ['chat'] } });
    const running = await parley.run(['secret', 'rotate']);
    expect(running).toMatchObject({ code: 1, note: expect.stringContaining('another Parley process uses') });
    await before.end('SIGTERM');

    const rotated = await parley.run(['secret', 'rotate']);
    expect(rotated).toMatchObject({ code: 0, note: expect.stringContaining('secret.previous') });
    expect((await parley.run(['secret', 'rotate'])).code).toBe(1);
    const server = await parley.serve(allowed());
    expect((await apiClient(server.url, key).send('GET', '/v1/bots')).status).toBe(200);
    await server.end('SIGTERM');
    expect(await doctor({})).toContain('secret.previous');
    expect((await parley.run(['secret', 'rotate'])).note).toContain('under way');
  });

  it('is not for a secret that comes from a variable', async () => {
    const { code, note } = await parley.run(['secret', 'rotate'], under(first));
    expect(code).toBe(1);
    expect(note).toContain('PARLEY_SECRET_PREVIOUS');
  });
});

describe('audit verify', () => {
  it('follows every chain, and finds what was changed behind its back', async () => {
    const server = await parley.serve(allowed());
    const client = apiClient(server.url, firstKeyOf(server));
    for (const name of ['a', 'b', 'c']) await client.send('POST', '/v1/bots', { body: { name } });
    const whole = await parley.run(['audit', 'verify']);
    expect(whole.code).toBe(0);
    expect(whole.answer).toMatch(/^ok {6}ws_\w{26} 4 [\w-]{43}\n$/);
    await server.end('SIGTERM');
    write("update audit_log set detail = '{}' where position = 3");
    const broken = await parley.run(['audit', 'verify']);
    expect(broken.code).toBe(1);
    expect(broken.answer).toMatch(/^BROKEN {2}ws_\w{26} at entry 3 of 4: the entry was changed\n$/);
  });
});
