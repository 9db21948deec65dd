import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { openToken, signToken } from './signed-token.ts';

const key = randomBytes(32);
const older = randomBytes(32);

test('a token opens to what was signed, under any of the keys', () => {
  const token = signToken(older, 'a', { who: 'ü', n: 1 });
  expect(openToken([key, older], 'a', token)).toEqual({ who: 'ü', n: 1 });
  expect(openToken([key], 'a', token)).toBeNull();
});

test('a token for one audience says nothing to another', () => {
  expect(openToken([key], 'b', signToken(key, 'a', {}))).toBeNull();
});

test('a token that was changed in any character does not open', () => {
  const token = signToken(key, 'a', { who: 'x' });
  for (let at = 0; at < token.length; at++) {
    const other = token[at] === 'A' ? 'E' : 'A';
    expect(openToken([key], 'a', token.slice(0, at) + other + token.slice(at + 1)), `character ${at}`).toBeNull();
  }
});

test('a token opens in one spelling alone', () => {
  const token = signToken(key, 'a', { who: 'x' });
  const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split('');
  const opening = characters.filter((last) => openToken([key], 'a', token.slice(0, -1) + last) !== null);
  expect(opening).toEqual([token.at(-1)]);
});

test('what has not the form of a token is refused without an error', () => {
  for (const text of ['', '.', 'a', 'a.b', `${'a'.repeat(5_000)}.${'b'.repeat(43)}`, `é.${'b'.repeat(43)}`]) {
    expect(openToken([key], 'a', text)).toBeNull();
  }
});
