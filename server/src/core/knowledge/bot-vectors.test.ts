import { afterEach, beforeEach, expect, test } from 'vitest';
import { readNothing } from '../../../test/read-nothing.ts';
import { openTemporaryStore } from '../../../test/temporary-store.ts';
import { packFloats, packQuantised, quantise } from '../../kit/vectors/quantise.ts';
import { VectorScanner } from '../../kit/vectors/vector-scanner.ts';
import type { Store } from '../store.ts';
import { BotVectors } from './bot-vectors.ts';
import { createSource } from './create-source.ts';
import { processSource } from './process-source.ts';

const place = { workspaceId: 'ws_a', botId: 'bot_a' };
const scope = { ...place, model: 'local/e5' };

let store: Store;
let closeStore: () => Promise<void>;
let scanner: VectorScanner;
let bots: BotVectors;

beforeEach(async () => {
  ({ store, close: closeStore } = await openTemporaryStore());
  const onError = (error: unknown): never => {
    throw error;
  };
  const maxBytes = 16 * 1024 * 1024;
  scanner = new VectorScanner({ maxBytes, onLost: onError });
  const reader = store.readers.vectors;
  bots = new BotVectors({ reader, scanner, model: scope.model, maxBytes, clock: Date.now, onError });
});
afterEach(async () => {
  await scanner.close();
  await closeStore();
});

/** A source of so many passages. */
const addRead = async (title: string, passages: number): Promise<string> => {
  const items = Array.from({ length: passages }, (_, at) => ({ question: `${title} ${at}?`, answer: `It is ${at}.` }));
  const { transact } = store;
  const source = await transact((writers) =>
    createSource(writers, { ...place, title, content: { type: 'faq', items } }, Date.now),
  );
  const { signal } = new AbortController();
  const tools = { ...readNothing, knowledge: store.readers.knowledge, transact, clock: Date.now, attempts: 1, signal };
  await processSource(
    { ...place, sourceId: source.id, revision: source.revision },
    { ...tools, forgetKnowledge: () => undefined, embedTexts: null },
  );
  return source.id;
};

/** Keeps for each passage of a source that has none a vector of a length. */
const keep = async (sourceId: string, lengthOf: (at: number) => number): Promise<void> => {
  const texts = await store.readers.vectors.unembedded(scope, sourceId, { after: -1, limit: 100 });
  const rows = texts.map(({ contentHash }, at) => {
    const vector = new Float32Array(lengthOf(at)).fill(1);
    return { contentHash, vector: packFloats(vector), code: packQuantised(quantise(vector)) };
  });
  await store.transact((writers) => writers.vectors.write(scope, rows));
};

const load = async () => {
  await bots.state(place.workspaceId, place.botId);
  await bots.loaded(place.botId);
  return bots.state(place.workspaceId, place.botId);
};
const countOf = async (dimensions: number) =>
  (await bots.search(place, new Float32Array(dimensions).fill(1), 100))?.count ?? null;

test('vectors of the length that most have are searched, and the others passed over', async () => {
  await keep(await addRead('Prices', 9), (at) => (at === 0 || at === 5 ? 128 : 64));
  await keep(await addRead('Sizes', 2), () => 128);
  expect(await load()).toBe('ready');
  expect([await countOf(64), await countOf(128)]).toEqual([7, null]);
});

test('a bot whose vectors have come to be of another length is loaded anew', async () => {
  await keep(await addRead('Prices', 3), () => 64);
  expect(await load()).toBe('ready');
  expect(await countOf(64)).toBe(3);
  await keep(await addRead('Sizes', 5), () => 128);
  bots.forget(place.botId);
  expect(await load()).toBe('ready');
  expect([await countOf(64), await countOf(128)]).toEqual([null, 5]);
});

test('a bot that is searched elsewhere gives back its memory, also where it is just being loaded', async () => {
  await keep(await addRead('Prices', 9), () => 64);
  expect(await bots.state(place.workspaceId, place.botId)).toBe('loading');
  const loading = bots.loaded(place.botId);
  bots.release(place.botId);
  await loading;
  await expect.poll(() => countOf(64)).toBeNull();
  expect(await load()).toBe('ready');
  expect(await countOf(64)).toBe(9);
  bots.release(place.botId);
  await expect.poll(() => countOf(64)).toBeNull();
});
