import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { open, seal, SealError } from '../kit/seal.ts';
import { ConfigError } from './config-error.ts';
import { sealingKeyring } from './sealing-keyring.ts';
import { deriveKey, loadSecrets, secretPurposes, secretsFrom } from './secrets.ts';

const strong = 'kV9x2LqPz7RmWb4TnY8sHd3JfGc6AeUo';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a generated secret', () => {
  const source = () => ({ kind: 'file', path: join(folder, 'data', 'secret'), previous: null }) as const;

  test('is made once, readable by its owner alone, and found again', () => {
    const first = loadSecrets(source(), { create: true });
    const second = loadSecrets(source(), { create: true });
    expect([first.created, second.created]).toEqual([true, false]);
    expect(second.fingerprint).toBe(first.fingerprint);
    expect(statSync(source().path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(folder, 'data'))).toEqual(['secret']);
  });

  test('has 256 random bits', () => {
    loadSecrets(source(), { create: true });
    const text = readFileSync(source().path, 'utf8').trim();
    expect(Buffer.from(text, 'base64url')).toHaveLength(32);
  });

  test('is not made anew for a database that has lost its own', () => {
    expect(() => loadSecrets(source(), { create: false })).toThrow(
      `the secret that belongs to the database is not at ${source().path}: bring it back`,
    );
    expect(existsSync(source().path)).toBe(false);
  });

  test('that others may read is used with a warning', () => {
    const path = join(folder, 'secret');
    writeFileSync(path, `${strong}\n`);
    chmodSync(path, 0o644);
    expect(loadSecrets({ kind: 'file', path, previous: null }, { create: true }).warnings).toEqual([
      `${path} can be read by others: chmod 600 ${path}`,
    ]);
  });

  test('whose file was cut short is refused rather than replaced', () => {
    const path = join(folder, 'secret');
    writeFileSync(path, 'kV9x2LqPz7', { mode: 0o600 });
    expect(() => loadSecrets({ kind: 'file', path, previous: null }, { create: true })).toThrow(ConfigError);
    expect(readFileSync(path, 'utf8')).toBe('kV9x2LqPz7');
  });
});

test.each([
  ['too short', 'kV9x2LqPz7RmWb4TnY8sHd3JfGc6AeU'],
  ['a known word', 'changeme-kV9x2LqPz7RmWb4TnY8sHd3JfGc6AeUo'],
  ['an example', 'your-super-secret-key-goes-here-please'],
  ['one letter', 'x'.repeat(64)],
  ['a word over and over', 'kV9x2LqPz7Rm'.repeat(4)],
  ['the alphabet', 'abcdefghijklmnopqrstuvwxyz0123456789'],
])('a given secret that is %s is refused and not repeated', (_what, value) => {
  expect(() => loadSecrets({ kind: 'given', value, previous: null }, { create: true })).toThrow(/^PARLEY_SECRET /);
  expect(() => loadSecrets({ kind: 'given', value, previous: null }, { create: true })).not.toThrow(value);
});

test('a strong given secret is taken', () => {
  expect(loadSecrets({ kind: 'given', value: strong, previous: null }, { create: false }).created).toBe(false);
});

test('every purpose has a key of its own, and another master secret has others', () => {
  const one = secretsFrom(strong, { created: false, warnings: [] });
  const other = secretsFrom(`${strong}x`, { created: false, warnings: [] });
  const keys = [one, other].flatMap((secrets) =>
    secretPurposes.map((purpose) => secrets.keyFor(purpose).toString('hex')),
  );
  expect(new Set(keys).size).toBe(secretPurposes.length * 2);
  expect(one.fingerprint).not.toBe(other.fingerprint);
});

test('keys stay the same from one release to the next', () => {
  // worked out with another HKDF (Python's hmac and hashlib): a change here locks everybody out
  expect(deriveKey(strong, 'key-pepper', 32).toString('hex')).toBe(
    '99eee06f206551b21821f77a186651e8ba4e87aa96575888f835cf0eb0c5ff97',
  );
});

test('a secret that is being replaced opens, and seals nothing', () => {
  const [one, other] = ['Qw8nZ5rTb2XyLk7PvM4sJd9HfGc3AeUo', 'kV9x2LqPz7RmWb4TnY8sHd3JfGc6AeUo'] as const;
  const alone = secretsFrom(other, { created: false, warnings: [] });
  const both = secretsFrom(one, { created: false, warnings: [], previous: other });
  expect(both.previousFingerprint).toBe(alone.fingerprint);
  expect(both.keysFor('key-pepper')).toEqual([both.keyFor('key-pepper'), alone.keyFor('key-pepper')]);
  const sealed = seal(sealingKeyring(alone), 'text', 'place');
  expect(open(sealingKeyring(both), sealed, 'place').toString()).toBe('text');
  expect(() => open(sealingKeyring(alone), seal(sealingKeyring(both), 'text', 'place'), 'place')).toThrow(SealError);
  expect(secretsFrom(one, { created: false, warnings: [], previous: one }).previousFingerprint).toBeNull();
});
