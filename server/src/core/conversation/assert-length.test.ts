import { describe, expect, it } from 'vitest';
import { assertLength } from './assert-length.ts';

const check = (text: string) => () => assertLength(text, { maxCharacters: 3, noun: 'message', param: 'message' });

describe('a text at its limit', () => {
  it.each([['abc'], ['\u{1f44b}\u{1f44b}\u{1f44b}'], ['']])('passes: %j', (text) => {
    expect(check(text)).not.toThrow();
  });

  it.each([
    ['abcd', 4],
    ['\u{1f44b}\u{1f44b}\u{1f44b}\u{1f44b}\u{1f44b}', 5],
  ])('and past it is refused with its characters counted: %j', (text, characters) => {
    expect(check(text)).toThrow(`The message has ${characters} characters; 3 are allowed.`);
  });
});
