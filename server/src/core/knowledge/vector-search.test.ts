import { expect, test, vi } from 'vitest';
import { createVectorSearch, type VectorSearchParts } from './vector-search.ts';

const parts = (
  bots: Partial<VectorSearchParts['bots']>,
  change: Partial<VectorSearchParts> = {},
): VectorSearchParts => ({
  bots: {
    state: () => Promise.resolve('ready'),
    loaded: () => Promise.resolve(),
    search: () => Promise.resolve({ hits: [], count: 1, mean: 0, deviation: 0 }),
    ...bots,
  },
  reader: { exact: () => Promise.resolve([]) },
  embedQuestion: () => Promise.resolve({ vector: Float32Array.from([1, 0]) }),
  model: 'local/e5',
  timeoutMs: 20,
  onError: () => undefined,
  ...change,
});
const never = () => new Promise<never>(() => undefined);

test.each([
  ['the look whether there are vectors', { state: never }],
  ['loading them', { loaded: never }],
  ['the search', { search: never }],
])('%s takes no longer than the limit', async (_, bots) => {
  expect(await createVectorSearch(parts(bots)).find('ws_a', 'bot_a', 'question')).toEqual({ outcome: 'late' });
});

test('a bot without vectors costs no request to the model', async () => {
  const embedQuestion = vi.fn<VectorSearchParts['embedQuestion']>(() => Promise.reject(new Error('asked')));
  const search = createVectorSearch(
    parts({ state: () => Promise.resolve('none') }, { embedQuestion, timeoutMs: 60_000 }),
  );
  expect(await search.find('ws_a', 'bot_a', 'question')).toEqual({ outcome: 'none' });
  expect(embedQuestion).not.toHaveBeenCalled();
});

test('what goes wrong is told of, and leaves the words', async () => {
  const onError = vi.fn<(error: unknown) => void>();
  const search = createVectorSearch(
    parts({ search: () => Promise.reject(new Error('gone')) }, { onError, timeoutMs: 60_000 }),
  );
  expect(await search.find('ws_a', 'bot_a', 'question')).toEqual({ outcome: 'failed' });
  expect(onError).toHaveBeenCalledExactlyOnceWith(new Error('gone'));
});
