import { describe, expect, it } from 'vitest';
import { contextSize } from '../context-sizes.ts';
import { readEndpoint } from './endpoint.ts';
import { readRetryAfter } from '../exchange/retry-after.ts';

describe('a base URL', () => {
  it.each([
    ['https://api.openai.com/v1', 'https://api.openai.com', '/v1/chat/completions'],
    ['http://127.0.0.1:11434/v1/', 'http://127.0.0.1:11434', '/v1/chat/completions'],
    ['https://x.test', 'https://x.test', '/chat/completions'],
    ['https://x.test/v1/chat/completions', 'https://x.test', '/v1/chat/completions'],
    [
      'https://r.openai.azure.com/openai/deployments/d?api-version=2024-10-21',
      'https://r.openai.azure.com',
      '/openai/deployments/d/chat/completions?api-version=2024-10-21',
    ],
  ])('%s', (url, origin, path) => {
    expect(readEndpoint(url, null)).toMatchObject({ origin, path });
  });

  it.each(['ftp://x.test', 'x.test/v1', '', 'https://user:secret@x.test'])(
    '%j is refused without being shown',
    (url) => {
      expect(() => readEndpoint(url, null)).toThrow(/^a provider URL must/);
    },
  );

  it.each(['a b', 'a\r\nx: y', 'ключ', ''])('a key like %j is refused', (key) => {
    expect(() => readEndpoint('https://x.test', key)).toThrow('a provider key must be visible ASCII');
  });

  it('decides by which header the key goes', () => {
    expect(readEndpoint('https://x.test', 'k').headers.slice(-2)).toEqual(['authorization', 'Bearer k']);
    expect(readEndpoint('https://r.openai.azure.com/openai/v1', 'k').headers.slice(-2)).toEqual(['api-key', 'k']);
    expect(readEndpoint('https://openai.azure.com.evil.test', 'k').headers.slice(-2)).toEqual([
      'authorization',
      'Bearer k',
    ]);
    expect(readEndpoint('https://x.test', null).headers).not.toContain('authorization');
  });
});

it.each([
  [{ 'retry-after': '7' }, 7000],
  [{ 'retry-after': '0.5' }, 500],
  [{ 'retry-after-ms': '250', 'retry-after': '1' }, 250],
  [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, 30_000],
  [{ 'retry-after': 'Wed, 31 Dec 2025 23:00:00 GMT' }, 0],
  [{ 'retry-after': '99999999999' }, 86_400_000],
  [{ 'retry-after': 'soon' }, null],
  [{ 'retry-after': '-5' }, null],
  [{}, null],
])('%j asks to wait %s ms', (headers, expected) => {
  expect(readRetryAfter(headers, Date.parse('2026-01-01T00:00:00Z'))).toBe(expected);
});

it.each([
  ['gpt-4', 8_192],
  ['gpt-4o-mini', 128_000],
  ['openai/gpt-4.1-nano', 1_047_576],
  ['gpt-5-mini', 272_000],
  ['o1-mini', 128_000],
  ['gemini-2.5-flash', 1_048_576],
  ['llama3.1:8b', null],
  ['my-own-model', null],
])('the context of %s is %s tokens', (model, tokens) => {
  expect(contextSize(model)).toBe(tokens);
});
