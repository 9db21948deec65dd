import { expect, it } from 'vitest';
import { WholeText } from './whole-text.ts';

it('holds back the first half of a character until the second comes', () => {
  const whole = new WholeText();
  expect(whole.push('a\ud83d')).toBe('a');
  expect(whole.push('\udc4bb')).toBe('👋b');
  expect(whole.end()).toBe('');
});

it('replaces a half whose other half never comes', () => {
  const whole = new WholeText();
  expect(whole.push('\ud83d')).toBe('');
  expect(whole.push('')).toBe('');
  expect(whole.push('x\udc4b')).toBe('\uFFFDx\uFFFD');
  expect(whole.push('\ud83d')).toBe('');
  expect(whole.end()).toBe('\uFFFD');
});

it('replaces NUL', () => {
  expect(new WholeText().push('a\0b\0')).toBe('a\uFFFDb\uFFFD');
});
