import { describe, expect, it } from 'vitest';
import type { ModelCandidate } from './call-model.ts';
import { readPriceList } from './price-list.ts';
import type { AttemptUsage, ModelAttempt } from './receipt.ts';
import { costOf } from './turn-cost.ts';

const prices = readPriceList(
  { currency: 'USD', prices: {} },
  {
    currency: 'USD',
    prices: {
      'work/big': {
        input: 2,
        output: 10,
        cached_input: 0.2,
        cache_write: 2.5,
        long_prompt: { above_input_tokens: 100_000, input: 4, output: 15, cached_input: 0.4, cache_write: 5 },
      },
      'work/plain': { input: 0.1, output: 0.4 },
    },
  },
);

const candidate = (provider: string, model: string): ModelCandidate => ({
  provider,
  model,
  client: {
    contextTokens: () => null,
    reply: () => Promise.reject(new Error('not asked')),
    close: () => Promise.resolve(),
  },
});

const candidates = [
  candidate('work', 'big'),
  candidate('work', 'plain'),
  candidate('other', 'any'),
  candidate('builtin', ''),
];

const attempt = (model: string, usage: Omit<AttemptUsage, 'estimated'> | null): ModelAttempt => ({
  model,
  status: usage === null ? 'failed' : 'ok',
  error: null,
  firstTokenMs: null,
  totalMs: 1,
  usage: usage && { ...usage, estimated: false },
});

const cost = (...attempts: ModelAttempt[]) => costOf(prices, candidates, attempts);

describe('a turn costs', () => {
  it('its tokens at their prices, those of a cache at theirs', () => {
    const usage = { inputTokens: 10_000, outputTokens: 200, cachedTokens: 8_000, cacheWriteTokens: 1_000 };
    // 1,000 at 2, 8,000 at 0.2 and 1,000 at 2.5; 200 at 10, for a million
    expect(cost(attempt('work/big', usage))).toEqual({ currency: 'USD', input: 0.0061, output: 0.002, total: 0.0081 });
  });

  it('another price for all of a long prompt, from the first token above the limit', () => {
    expect(cost(attempt('work/big', { inputTokens: 100_000, outputTokens: 0 }))?.total).toBe(0.2);
    expect(cost(attempt('work/big', { inputTokens: 100_001, outputTokens: 1_000 }))).toMatchObject({
      input: 0.400004,
      output: 0.015,
    });
  });

  it('what is from a cache as other input, where the list has no price for it', () => {
    expect(cost(attempt('work/plain', { inputTokens: 10, outputTokens: 1, cachedTokens: 5 }))?.input).toBe(0.000001);
  });

  it('the sum of all its attempts, also of those that gave no reply', () => {
    const usage = { inputTokens: 1_000, outputTokens: 100 };
    const both = cost(attempt('work/plain', usage), attempt('work/plain', null), attempt('work/plain', usage));
    expect(both).toEqual({ currency: 'USD', input: 0.0002, output: 0.00008, total: 0.00028 });
  });

  it('nothing where builtin replied', () => {
    expect(cost(attempt('work/big', null), attempt('builtin', { inputTokens: 50, outputTokens: 10 }))).toEqual({
      currency: 'USD',
      input: 0,
      output: 0,
      total: 0,
    });
  });
});

it.each([
  ['no model was asked', []],
  ['nothing is known of what was used', [attempt('work/big', null)]],
  [
    'one of several has no price',
    [
      attempt('work/big', { inputTokens: 1, outputTokens: 1 }),
      attempt('other/any', { inputTokens: 1, outputTokens: 1 }),
    ],
  ],
])('what a turn costs is unknown where %s', (_name, attempts) => {
  expect(cost(...attempts)).toBeNull();
});
