import { describe, expect, it } from 'vitest';
import { ChunkShape } from './chunk-shape.ts';

const chunk = (content: string, more: Record<string, unknown> = {}): string =>
  JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content }, finish_reason: null }], ...more });

const learned = (data: string): ChunkShape => {
  const shape = new ChunkShape();
  shape.learn(data, JSON.parse(data));
  return shape;
};

describe('a chunk of a known shape', () => {
  it.each(['a', ' the', 'content', '{', 'გამარჯობა', '👋', "it's"])('gives its text %j', (text) => {
    expect(learned(chunk('first')).read(chunk(text))).toBe(text);
  });

  it('is never read by a text that only looks like the reply', () => {
    const data = '{"id":"content","content":"x","choices":[{"delta":{"content":"x"}}]}';
    expect(learned(data).read(data.replace('"content":"x"', '"content":"y"'))).toBeNull();
  });
});

describe('a chunk must be parsed', () => {
  const shape = learned(chunk('first'));
  it.each([
    ['its text has an escape', chunk('a\nb')],
    ['its text has a quote', chunk('a"b')],
    ['its text is empty', chunk('')],
    ['it has a usage', chunk('a', { usage: { prompt_tokens: 1 } })],
    ['it ends the reply', chunk('a').replace('null', '"stop"')],
    ['it is another choice', chunk('a').replace('"index":0', '"index":1')],
    ['a member hides behind the text', chunk('a').replace('"a"', '"a","refusal":"no"')],
    ['it is cut', chunk('first').slice(0, -2)],
  ])('where %s', (_name, data) => {
    expect(shape.read(data)).toBeNull();
  });
});

describe('no shape is taken from a chunk', () => {
  it.each([
    ['that ends the reply', chunk('a').replace('null', '"stop"')],
    ['with a usage', chunk('a', { usage: { prompt_tokens: 1 } })],
    ['with an error', chunk('a', { error: { message: 'no' } })],
    ['with a refusal', chunk('a').replace('"a"', '"a","refusal":"no"')],
    ['without text', '{"choices":[]}'],
  ])('%s', (_name, data) => {
    expect(learned(data).read(data.replace('"a"', '"b"'))).toBeNull();
  });
});
