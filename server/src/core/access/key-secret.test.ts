import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { newId } from '../../kit/id.ts';
import { hashSecret, makeSecret, parseSecret } from './key-secret.ts';

const types = ['live', 'test', 'publishable'] as const;

test.each(types)('a %s secret names its key and its type', (type) => {
  for (let count = 0; count < 200; count++) {
    const keyId = newId('key');
    const secret = makeSecret(type, keyId);
    expect(secret).toMatch(/^prl_(?:live|test|pub)_[0-9a-z]{26}[0-9A-Za-z]{49}$/);
    expect(parseSecret(secret)).toEqual({ type, keyId });
  }
});

test('two secrets of one key differ', () => {
  const keyId = newId('key');
  expect(makeSecret('live', keyId)).not.toBe(makeSecret('live', keyId));
});

test('a wrong character at any place is noticed', () => {
  const secret = makeSecret('live', newId('key'));
  for (let at = 0; at < secret.length; at++) {
    const other = secret[at] === '7' ? '6' : '7';
    expect(parseSecret(secret.slice(0, at) + other + secret.slice(at + 1))).toBeNull();
  }
});

test('two characters changed round, one missing and one too many are noticed', () => {
  const secret = makeSecret('test', newId('key'));
  const at = secret.split('').findIndex((character, index) => index > 40 && character !== secret[index + 1]);
  const swapped = `${secret.slice(0, at)}${secret[at + 1]}${secret[at]}${secret.slice(at + 2)}`;
  for (const wrong of [swapped, secret.slice(0, -1), `${secret}a`, ` ${secret}`, `${secret}\n`, '', 'prl_live_']) {
    expect(parseSecret(wrong)).toBeNull();
  }
});

test('a hash depends on the secret and on the pepper', () => {
  const [one, other] = [randomBytes(32), randomBytes(32)];
  const secret = makeSecret('live', newId('key'));
  expect(hashSecret(secret, one)).toBe(hashSecret(secret, one));
  expect(hashSecret(secret, one)).not.toBe(hashSecret(secret, other));
  expect(hashSecret(`${secret}x`, one)).not.toBe(hashSecret(secret, one));
});
