import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { newId } from '../../kit/id.ts';
import { ParleyError } from '../error.ts';
import type { Readers } from '../store.ts';
import { builtinCatalogue } from '../usage/plan-catalogue.ts';
import { KeyAuthenticator } from './authenticate-key.ts';
import { makeKeySecret } from './create-key.ts';
import type { Key } from './key.ts';

/** One key behind an authenticator whose look-ups are counted and may be held up. */
const setUp = (options: Pick<ConstructorParameters<typeof KeyAuthenticator>[0], 'previous'> = {}) => {
  const pepper = randomBytes(32);
  const id = newId('key');
  const { secret, stored } = makeKeySecret({ id, type: 'live' }, 0, { pepper: options.previous?.pepper ?? pepper });
  const key: Key = {
    id,
    workspaceId: newId('ws'),
    name: 'k',
    type: 'live',
    scopes: ['chat'],
    botIds: null,
    allowedOrigins: [],
    createdBy: 'cli',
    createdAt: 0,
    expiresAt: null,
    revokedAt: null,
    secrets: [stored],
  };
  const state = { now: 1_000, lookUps: 0, gate: Promise.resolve(), used: [] as string[] };
  const readers = {
    keys: {
      findForSecret: async (keyId: string) => {
        state.lookUps += 1;
        const found = keyId === id ? { ...key } : null;
        await state.gate;
        return found;
      },
    },
    workspaces: { find: async () => ({ plan: 'starter' }) },
  } as unknown as Pick<Readers, 'keys' | 'workspaces'>;
  const authenticator = new KeyAuthenticator({
    readers,
    pepper,
    ...options,
    plans: builtinCatalogue,
    clock: () => state.now,
    lastUses: {
      note: (_workspaceId, _keyId, secretId) => void state.used.push(secretId),
      flush: async () => undefined,
      close: async () => undefined,
    },
  });
  return { authenticator, key, secret, state };
};

const refusal = async (work: () => unknown): Promise<string> => {
  try {
    await work();
    return 'let in';
  } catch (error) {
    return error instanceof ParleyError ? error.code : String(error);
  }
};

test('a key is looked up once in five seconds, and each use is noted', async () => {
  const { authenticator, key, secret, state } = setUp();
  const caller = await authenticator.authenticate(secret);
  expect(caller).toMatchObject({ principal: { kind: 'key', keyId: key.id, mode: 'live' }, plan: { name: 'starter' } });
  expect(authenticator.authenticate(secret)).toBe(caller);
  expect(state.lookUps).toBe(1);
  state.now += 5_000;
  await authenticator.authenticate(secret);
  expect(state.lookUps).toBe(2);
  expect(state.used).toHaveLength(3);
});

test('a malformed secret costs no look-up', async () => {
  const { authenticator, secret, state } = setUp();
  expect(await refusal(() => authenticator.authenticate(`${secret.slice(0, -1)}_`))).toBe('invalid_api_key');
  expect(state.lookUps).toBe(0);
});

test('a forgotten key is looked up again', async () => {
  const { authenticator, key, secret } = setUp();
  await authenticator.authenticate(secret);
  key.revokedAt = 1;
  authenticator.forget(key.id);
  expect(await refusal(() => authenticator.authenticate(secret))).toBe('revoked_api_key');
});

test('what was read before a revocation is not remembered after it', async () => {
  const { authenticator, key, secret, state } = setUp();
  const gate = Promise.withResolvers<void>();
  state.gate = gate.promise;
  const underWay = authenticator.authenticate(secret);
  key.revokedAt = 1;
  authenticator.forget(key.id);
  gate.resolve();
  await underWay;
  expect(await refusal(() => authenticator.authenticate(secret))).toBe('revoked_api_key');
});

test('a key that expires within the five seconds is not let in after its end', async () => {
  const { authenticator, key, secret, state } = setUp();
  key.expiresAt = state.now + 2_000;
  await authenticator.authenticate(secret);
  state.now += 2_000;
  expect(await refusal(() => authenticator.authenticate(secret))).toBe('expired_api_key');
});

test('only who holds a right secret learns that a key was revoked', async () => {
  const { authenticator, key } = setUp();
  key.revokedAt = 1;
  const { secret: guess } = makeKeySecret(key, 0, { pepper: randomBytes(32) });
  expect(await refusal(() => authenticator.authenticate(guess))).toBe('invalid_api_key');
});

test('a key that stands under the previous pepper is let in, and brought under the current one', async () => {
  const replaced: [string, string][] = [];
  const previous = {
    pepper: randomBytes(32),
    replaceHash: ({ hash }: { hash: string }, by: string) => void replaced.push([hash, by]),
  };
  const { authenticator, key, secret } = setUp({ previous });
  expect(await refusal(() => authenticator.authenticate(secret))).toBe('let in');
  expect(replaced).toEqual([[key.secrets[0]?.hash, expect.stringMatching(/^[0-9a-f]{8}\.[\w-]{43}$/)]]);
  expect(replaced[0]?.[1]).not.toBe(key.secrets[0]?.hash);
  const stranger = makeKeySecret({ id: key.id, type: 'live' }, 0, { pepper: previous.pepper });
  expect(await refusal(() => authenticator.authenticate(stranger.secret))).toBe('invalid_api_key');
  expect(replaced).toHaveLength(1);
});
