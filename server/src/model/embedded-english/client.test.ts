import { afterAll, expect, test } from 'vitest';
import { dotProduct } from '../../kit/vectors/quantise.ts';
import { createEmbeddedEnglish } from './client.ts';

const model = createEmbeddedEnglish('builtin/english');
afterAll(() => model.close());
const signal = new AbortController().signal;
const embed = async (...texts: string[]): Promise<Float32Array[]> =>
  (await model.embed(texts, { timeoutMs: 60_000, signal })).vectors;

test('what means the same is nearer than what does not', async () => {
  const [asked, right, wrong] = await embed(
    'How long does delivery take?',
    'Your parcel arrives within three days.',
    'Blankets are washed by hand.',
  );
  expect(dotProduct(asked!, asked!)).toBeCloseTo(1, 4);
  expect(asked).toHaveLength(512);
  expect(dotProduct(asked!, right!)).toBeGreaterThan(dotProduct(asked!, wrong!));
});

test('a text has the same vector alone and among others, and after the thread was ended', async () => {
  const texts = Array.from({ length: 20 }, (_, at) => `Blanket number ${at} is made of wool.`);
  const together = await embed(...texts);
  await model.close();
  const [alone] = await embed(texts[13]!);
  expect(dotProduct(alone!, together[13]!)).toBeGreaterThan(0.999);
});

test('a request that is too slow or no longer wanted is given up, and the next is answered', async () => {
  await expect(model.embed(['wool'], { timeoutMs: 0, signal })).rejects.toMatchObject({ kind: 'timeout' });
  const abort = new AbortController();
  const asked = model.embed(['wool'], { timeoutMs: 60_000, signal: abort.signal });
  abort.abort();
  await expect(asked).rejects.toMatchObject({ kind: 'aborted' });
  expect(await embed('wool')).toHaveLength(1);
});

test('a very long text is cut', async () => {
  expect(await embed('wool '.repeat(20_000))).toHaveLength(1);
});
