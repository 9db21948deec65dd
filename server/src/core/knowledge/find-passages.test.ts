import { expect, test } from 'vitest';
import { type FindPassages, findPassages } from './find-passages.ts';
import type { KnowledgeReader } from './knowledge-store.ts';
import { encodePostings } from './posting-codec.ts';

const request: FindPassages = {
  workspaceId: 'ws_a',
  botId: 'bot_a',
  size: { chunks: 4, terms: 40, languages: ['en'] },
  query: 'wool blankets of the mountains',
  topK: 5,
  minScore: 0,
};

/** Every term stands in the first two chunks of one source; the second is gone when it is read. */
const reader = (asked: string[][] = []): Pick<KnowledgeReader, 'postings' | 'chunks'> => ({
  postings: async (_workspaceId, _botId, { terms }) => {
    asked.push([...terms]);
    const entries = encodePostings([
      { position: 0, count: 1, length: 10 },
      { position: 1, count: 1, length: 30 },
    ]);
    return new Map(terms.map((term) => [term, [{ sourceId: 'src_a', entries }]]));
  },
  chunks: async (_workspaceId, _botId, places) =>
    places
      .filter(({ position }) => position === 0)
      .map(({ sourceId, position }) => ({
        chunk: { id: 'chunk_a', sourceId, position, headings: [], text: 'Wool', tokens: 1, page: null, anchor: null },
        source: { id: sourceId, title: 'Wool', url: null },
      })),
});

test('a bot without knowledge costs no read', async () => {
  const asked: string[][] = [];
  expect(await findPassages(reader(asked), { ...request, size: { ...request.size, chunks: 0 } })).toEqual({
    passages: [],
    tooLow: [],
    copies: [],
    vectors: null,
  });
  expect(asked).toEqual([]);
});

test('a message without words costs no read', async () => {
  const asked: string[][] = [];
  expect(await findPassages(reader(asked), { ...request, query: '?!' })).toEqual({
    passages: [],
    tooLow: [],
    copies: [],
    vectors: null,
  });
  expect(asked).toEqual([]);
});

test('stop words are looked up only where little else is said', async () => {
  const asked: string[][] = [];
  await findPassages(reader(asked), request);
  await findPassages(reader(asked), { ...request, query: 'who are you' });
  expect(asked[0]).not.toContain('of');
  expect(asked[1]).toContain('who');
});

test('a passage that was deleted meanwhile is left out, and the others keep their scores', async () => {
  const {
    passages: [only, ...rest],
  } = await findPassages(reader(), request);
  expect(rest).toEqual([]);
  expect(only?.score).toBeGreaterThan(0);
});

test('passages below the lowest score are left out', async () => {
  const {
    passages: [found],
  } = await findPassages(reader(), request);
  const score = found?.score ?? 0;
  expect((await findPassages(reader(), { ...request, minScore: score })).passages).toHaveLength(1);
  const { passages, tooLow } = await findPassages(reader(), { ...request, minScore: score + 0.01 });
  expect([passages, tooLow]).toEqual([[], [found?.chunk.id]]);
});
