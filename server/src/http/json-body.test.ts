import { describe, expect, test } from 'vitest';
import { parseJsonBody } from './json-body.ts';

const parse = (text: string): unknown => parseJsonBody(Buffer.from(text));

describe('a JSON body', () => {
  test.each([
    ['{"a":1,"a":2}'],
    ['{"a":{"b":1,"b":1}}'],
    ['[{"x":1},{"y":"\\"","y" \n:\t2}]'],
    ['{"\\u0061":1,"a":2}'],
    ['{"a":1,"b":[{"c":[],"c":{}}]}'],
    ['{"":1,"":2}'],
  ])('%s names a field twice and is refused', (text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'invalid_json' }));
  });

  test.each([
    ['{"a":1,"b":{"a":2}}'],
    ['{"a":"\\":{\\"a\\":1","b":":,:"}'],
    ['[{"a":1},{"a":1}]'],
    ['{"a\\\\":1,"a":"\\\\\\\\","b":"\\\\\\""}'],
    [' { "a" : "x" , "b" : [ "a", "b" ] } '],
    ['"a"'],
    ['[]'],
    ['{"ключ":"значение: \\"да\\"","key":null}'],
  ])('%s is taken as it is', (text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  test.each([
    ['{"__proto__":{"admin":true}}', '__proto__'],
    ['{"a":[{"__proto__":1}]}', '__proto__'],
    [`${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'nests deeper'],
    [`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 'nests deeper'],
    ['['.repeat(400_000), 'invalid_json'],
    [`{"a":[{${Array.from({ length: 1_001 }, (_field, at) => `"${at}":1`).join()}}]}`, 'more than 1000 fields'],
  ])('that is made to do harm is refused', (text, reason) => {
    expect(() => parse(text)).toThrow(reason);
  });
});
