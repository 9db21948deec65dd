import { beforeEach, expect, test, vi } from 'vitest';
import type { ScanResult } from '../../kit/vectors/vector-index.ts';
import { DatabaseVectors } from './database-vectors.ts';
import type { VectorWay } from './vector-database.ts';

const bot = { workspaceId: 'ws_a', botId: 'bot_a' };
const query = Float32Array.from([1, 0]);
const found = (count: number): ScanResult => ({ hits: [], count, mean: 0, deviation: 0 });

let at: number;
let way: () => Promise<VectorWay | null>;
let asked: number;
let nearest: () => Promise<ScanResult | null>;
const onError = vi.fn<(error: unknown) => void>();
let vectors: DatabaseVectors;
let released: string[];

beforeEach(() => {
  at = 0;
  asked = 0;
  released = [];
  way = () => Promise.resolve('exact');
  nearest = () => Promise.resolve(found(1));
  onError.mockClear();
  vectors = new DatabaseVectors({
    database: {
      wayFor: () => {
        asked += 1;
        return way();
      },
      nearest: () => nearest(),
      isBehind: () => Promise.resolve(false),
      keepUp: () => Promise.resolve(),
    },
    memory: {
      state: () => Promise.resolve('too_large'),
      loaded: () => Promise.resolve(),
      search: () => Promise.resolve(found(2)),
      forget: () => undefined,
      release: (botId) => released.push(botId),
    },
    model: 'local/e5',
    clock: () => at,
    onError,
  });
});

const search = async (): Promise<number | undefined> => (await vectors.search(bot, query, 40))?.count;

test('a bot is searched where the database says, which is asked once a minute', async () => {
  expect(await vectors.state(bot.workspaceId, bot.botId)).toBe('ready');
  expect(await search()).toBe(1);
  expect(released).toEqual([bot.botId]);
  at = 59_000;
  expect(await search()).toBe(1);
  expect(asked).toBe(1);
  at = 61_000;
  expect(await search()).toBe(1);
  expect(asked).toBe(2);
});

test('a bot that the database does not search is searched in memory', async () => {
  way = () => Promise.resolve(null);
  expect(await vectors.state(bot.workspaceId, bot.botId)).toBe('too_large');
  expect(await search()).toBe(2);
  expect(released).toEqual([]);
});

test('what was found serves while the database is asked anew, as behind a change', async () => {
  expect(await search()).toBe(1);
  let answer: (way: null) => void = () => undefined;
  way = () => new Promise((resolve) => (answer = resolve));
  vectors.forget('bot_b');
  expect(await search()).toBe(1);
  expect(asked).toBe(1);
  vectors.forget(bot.botId);
  expect(await search()).toBe(1);
  expect(await search()).toBe(1);
  expect(asked).toBe(2);
  // what changes while it is asked is asked for once more
  vectors.forget(bot.botId);
  answer(null);
  way = () => Promise.resolve(null);
  await vi.waitFor(async () => expect(await search()).toBe(2));
  await vi.waitFor(() => expect(asked).toBe(3));
});

test('a database that cannot be asked leaves it to memory, and says so', async () => {
  way = () => Promise.reject(new Error('away'));
  expect(await search()).toBe(2);
  expect(onError).toHaveBeenCalledExactlyOnceWith(new Error('away'));
});

test('a database that cannot be asked once more is searched as before', async () => {
  expect(await search()).toBe(1);
  way = () => Promise.reject(new Error('away'));
  vectors.forget(bot.botId);
  expect(await search()).toBe(1);
  await vi.waitFor(() => expect(onError).toHaveBeenCalledOnce());
  expect(await search()).toBe(1);
  expect(asked).toBe(2);
  at = 61_000;
  way = () => Promise.resolve(null);
  await vi.waitFor(async () => expect(await search()).toBe(2));
});

test('behind a search that failed the next one asks at once', async () => {
  nearest = () => Promise.reject(new Error('no table'));
  await expect(search()).rejects.toThrow('no table');
  way = () => Promise.resolve(null);
  expect(await search()).toBe(2);
});
