import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Keyring, open, seal, SealError } from './seal.ts';

const ring: Keyring = { current: 7, keys: new Map([[7, randomBytes(32)]]) };
const place = 'ws_1|encrypted_secrets|sec_1|ciphertext';

test('what was sealed opens where it belongs', () => {
  expect(open(ring, seal(ring, 'sk-ünïcode', place), place).toString()).toBe('sk-ünïcode');
  expect(open(ring, seal(ring, '', place), place)).toHaveLength(0);
});

test('the same value is never sealed the same way twice, and does not show', () => {
  const [one, two] = [seal(ring, 'a secret that shows', place), seal(ring, 'a secret that shows', place)];
  expect(one.equals(two)).toBe(false);
  expect(one.includes('a secret')).toBe(false);
});

test('a value that was moved to another place does not open', () => {
  expect(() => open(ring, seal(ring, 'x', place), place.replace('ws_1', 'ws_2'))).toThrow(SealError);
});

test('a value in which any one bit was changed does not open', () => {
  const sealed = seal(ring, 'x', place);
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Buffer.from(sealed);
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(() => open(ring, changed, place), `bit ${bit}`).toThrow(SealError);
  }
});

test('a value that was cut short does not open', () => {
  const sealed = seal(ring, 'x', place);
  for (let length = 0; length < sealed.length; length++) {
    expect(() => open(ring, sealed.subarray(0, length), place), `${length} bytes`).toThrow(SealError);
  }
});

test('after a rotation old values open under their old key, and new ones need the new', () => {
  const rotated: Keyring = { current: 8, keys: new Map([...ring.keys, [8, randomBytes(32)]]) };
  expect(open(rotated, seal(ring, 'old', place), place).toString()).toBe('old');
  expect(() => open(ring, seal(rotated, 'new', place), place)).toThrow(SealError);
});
