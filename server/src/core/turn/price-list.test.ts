import { describe, expect, it } from 'vitest';
import { builtinPrices } from '../../config/builtin-prices.ts';
import type { ParleyError } from '../error.ts';
import type { ModelCandidate } from './call-model.ts';
import { priceOf, readPriceList } from './price-list.ts';

const builtin = { currency: 'USD', prices: { 'openai/gpt-4.1': { input: 2, output: 8, cached_input: 0.5 } } };

const candidate = (
  provider: string,
  model: string,
  more: { vendor?: string; workspaceId?: string } = {},
): ModelCandidate => {
  const { vendor, workspaceId } = more;
  const client = {
    contextTokens: () => null,
    reply: () => Promise.reject(new Error('not asked')),
    close: () => Promise.resolve(),
    ...(vendor === undefined ? {} : { vendor }),
  };
  return { provider, model, client, ...(workspaceId === undefined ? {} : { workspaceId }) };
};

const inputPrice = (file: unknown, asked: ModelCandidate): number | null =>
  priceOf(readPriceList(builtin, file), asked)?.input ?? null;

describe('a price is found', () => {
  const own = {
    currency: 'USD',
    prices: { 'work/gpt-4.1': { input: 1.5, output: 6 }, 'openai/gpt-4.1': { input: 3, output: 9 } },
  };

  it.each([
    [
      "for a vendor's model, whatever the provider is called",
      null,
      candidate('work', 'gpt-4.1', { vendor: 'openai' }),
      2,
    ],
    ['for a release of a model by its date', null, candidate('openai', 'gpt-4.1-2025-04-14', { vendor: 'openai' }), 2],
    [
      "in the operator's file by the provider's name first",
      own,
      candidate('work', 'gpt-4.1', { vendor: 'openai' }),
      1.5,
    ],
    ["in the operator's file for a vendor's model", own, candidate('other', 'gpt-4.1', { vendor: 'openai' }), 3],
    ['to be nothing for builtin', null, candidate('builtin', ''), 0],
  ])('%s', (_name, file, asked, price) => {
    expect(inputPrice(file, asked)).toBe(price);
  });
});

describe('a price is unknown', () => {
  const own = { currency: 'USD', prices: { 'work/llama': { input: 1, output: 2 } } };

  it.each([
    ['for another model', null, candidate('openai', 'gpt-4.1-mini', { vendor: 'openai' })],
    ["for a vendor's model at an address that is not the vendor's", null, candidate('openai', 'gpt-4.1')],
    [
      "for a workspace's provider that is called like one in the file",
      own,
      candidate('work', 'llama', { workspaceId: 'ws_1' }),
    ],
    [
      'beside a file in another currency',
      { currency: 'EUR', prices: {} },
      candidate('openai', 'gpt-4.1', { vendor: 'openai' }),
    ],
  ])('%s', (_name, file, asked) => {
    expect(inputPrice(file, asked)).toBeNull();
  });
});

describe('a file is refused', () => {
  const withPrice = (price: unknown) => ({ currency: 'USD', prices: { 'a/b': price } });

  it.each([
    ['that is no object', [], 'the whole'],
    ['without a currency', { prices: {} }, '`currency`'],
    ['with a field nobody knows', { currency: 'USD', price: {} }, '`price`'],
    ['with a model without its provider', { currency: 'USD', prices: { b: { input: 1, output: 1 } } }, '`prices.b`'],
    ['with a negative price, which would pay for use', withPrice({ input: -1, output: 1 }), '`prices.a/b.input`'],
    ['with half a price', withPrice({ input: 1 }), '`prices.a/b.output`'],
    [
      'with half a price for long prompts',
      withPrice({ input: 1, output: 1, long_prompt: { above_input_tokens: 5, input: 1 } }),
      '`prices.a/b.long_prompt.output`',
    ],
  ])('%s', (_name, file, path) => {
    const refusal = (): ParleyError => {
      try {
        readPriceList(builtin, file);
      } catch (error) {
        return error as ParleyError;
      }
      throw new Error('it was taken');
    };
    expect(refusal().detail).toContain(path);
  });
});

it('the list that comes along can be read, and says for each model where its price stands', () => {
  const list = builtinPrices() as { as_of: string; prices: Record<string, { source: string }> };
  const { prices, currency } = readPriceList(list, null);
  expect(currency).toBe('USD');
  expect(prices.size).toBeGreaterThan(12);
  expect(list.as_of).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  expect(Object.values(list.prices).every(({ source }) => URL.canParse(source))).toBe(true);
});
