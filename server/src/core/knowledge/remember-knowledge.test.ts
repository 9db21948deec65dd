import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { KnowledgeReader, KnowledgeSize, Posting } from './knowledge-store.ts';
import { encodePostings } from './posting-codec.ts';
import { rememberKnowledge } from './remember-knowledge.ts';

const chunksOfSource = 2;

/** A bot whose every term stands in `sources` sources; it notes what is read. */
const knowledgeOf = (sources: number, maxBytes?: number) => {
  const read: string[] = [];
  const reading = { now: 0, most: 0, fails: false };
  const entries = encodePostings(
    Array.from({ length: chunksOfSource }, (_, position) => ({ position, count: 1, length: 10 })),
  );
  const all = Array.from({ length: sources }, (_, at): Posting => ({
    sourceId: `src_${String(at).padStart(6, '0')}`,
    entries,
  }));
  const state = { size: { chunks: sources * chunksOfSource, terms: sources * 20, languages: ['en'] } };
  const reader = {
    size: async () => {
      read.push('size');
      return state.size;
    },
    postings: async (_workspaceId: string, _botId: string, lookup: { terms: readonly string[]; limit: number }) => {
      read.push(`first ${lookup.terms.join(' ')}`);
      return new Map(lookup.terms.map((term) => [term, all.slice(0, Math.ceil(lookup.limit / lookup.terms.length))]));
    },
    postingsOf: async (...[, , { term, after, limit }]: Parameters<KnowledgeReader['postingsOf']>) => {
      read.push(`page ${term}`);
      reading.now += 1;
      reading.most = Math.max(reading.most, reading.now);
      await setImmediate();
      reading.now -= 1;
      if (reading.fails) throw new Error('the database is away');
      const from = after ? all.findIndex(({ sourceId }) => sourceId > after.sourceId) : 0;
      const postings = from < 0 ? [] : all.slice(from, from + limit);
      const last = postings.at(-1);
      return { postings, last: postings.length === limit && last ? { sourceId: last.sourceId, version: 1 } : null };
    },
  };
  // only what is read of it
  const knowledge = rememberKnowledge(reader as unknown as KnowledgeReader, () => now, maxBytes);
  return { knowledge, read, reading, state };
};
let now = 0;

type Known = ReturnType<typeof knowledgeOf>['knowledge'];
const lookUp = async (knowledge: Known, terms: string[], size: KnowledgeSize, bot = 'bot') =>
  (await knowledge.terms?.('ws', bot, { terms, size }))?.lists;

test('a list that does not fit the first reading is read page by page, to its end', async () => {
  const { knowledge, state } = knowledgeOf(3_000);
  const lists = await lookUp(knowledge, ['wool'], state.size);
  expect(lists?.get('wool')?.numbers).toHaveLength(6_000);
  expect(new Set(lists?.get('wool')?.numbers).size).toBe(6_000);
});

test('terms of a large bot are read once, until its knowledge changes', async () => {
  const { knowledge, read, state } = knowledgeOf(3_000);
  await lookUp(knowledge, ['wool'], state.size);
  read.length = 0;
  await lookUp(knowledge, ['wool'], state.size);
  expect(read).toEqual([]);
  knowledge.forget('bot');
  await lookUp(knowledge, ['wool'], state.size);
  expect(read).toContain('first wool');
  read.length = 0;
  await lookUp(knowledge, ['wool'], { ...state.size, terms: 1 });
  expect(read).toContain('first wool');
  read.length = 0;
  now += 61_000;
  await lookUp(knowledge, ['wool'], { ...state.size, terms: 1 });
  expect(read).toContain('first wool');
});

test('lists of many bots take no more than they may together: the bot that was not asked for the longest goes', async () => {
  // 1.04 MB a bot, and another 0.05 for a term
  const { knowledge, read, state } = knowledgeOf(3_000, 2_500_000);
  const isRead = async (bot: string, ...terms: string[]) => {
    read.length = 0;
    await lookUp(knowledge, terms, state.size, bot);
    return read.length > 0;
  };
  for (const bot of ['a', 'b', 'a']) await isRead(bot, 'wool');
  await isRead('c', 'wool');
  expect([await isRead('c', 'wool'), await isRead('a', 'wool'), await isRead('b', 'wool')]).toEqual([
    false,
    false,
    true,
  ]);
});

test('a bot past its share begins anew, and pushes no other out', async () => {
  const { knowledge, read, state } = knowledgeOf(3_000, 2_500_000);
  await lookUp(knowledge, ['wool'], state.size, 'a');
  for (let at = 0; at < 20; at++) await lookUp(knowledge, [`word${at}`], state.size, 'b');
  read.length = 0;
  await lookUp(knowledge, ['wool'], state.size, 'a');
  expect(read).toEqual([]);
  // the table and five terms are all that fits
  await lookUp(knowledge, ['word19'], state.size, 'b');
  expect(read).toEqual([]);
  await lookUp(knowledge, ['word0'], state.size, 'b');
  expect(read).toContain('page word0');
});

test('where one reading did not do, the next question is read term by term at once, and all terms are found', async () => {
  const { knowledge, read, state } = knowledgeOf(3_000);
  await lookUp(knowledge, ['wool'], state.size);
  read.length = 0;
  const terms = ['a', 'b', 'c', 'd', 'e', 'f'];
  const lists = await lookUp(knowledge, terms, state.size);
  expect(read.some((one) => one.startsWith('first'))).toBe(false);
  expect(terms.map((term) => lists?.get(term)?.numbers.length)).toEqual(terms.map(() => 6_000));
  // six whole pages and the end, of each
  expect(read.toSorted()).toEqual(terms.flatMap((term) => Array.from({ length: 7 }, () => `page ${term}`)));
});

test('a few terms are read at the same time, and no more', async () => {
  const { knowledge, reading, state } = knowledgeOf(3_000);
  await lookUp(knowledge, ['a', 'b', 'c', 'd', 'e', 'f'], state.size);
  expect(reading.most).toBe(4);
});

test('questions at the same time share what is read', async () => {
  const { knowledge, read, state } = knowledgeOf(3_000);
  const found = await Promise.all(
    [['wool', 'warm'], ['warm', 'wool'], ['wool']].map((terms) => lookUp(knowledge, terms, state.size)),
  );
  expect(read.filter((one) => one.startsWith('first'))).toEqual(['first wool warm']);
  expect(read.filter((one) => one === 'page wool')).toHaveLength(7);
  expect(found.map((lists) => lists?.get('wool')?.numbers.length)).toEqual([6_000, 6_000, 6_000]);
});

test('a reading that failed is tried again by the next question', async () => {
  const { knowledge, reading, state } = knowledgeOf(3_000);
  reading.fails = true;
  const failed = [lookUp(knowledge, ['wool'], state.size), lookUp(knowledge, ['wool'], state.size)];
  expect((await Promise.allSettled(failed)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  reading.fails = false;
  expect((await lookUp(knowledge, ['wool'], state.size))?.get('wool')?.numbers).toHaveLength(6_000);
});

test('lists that were forgotten while they were read are not remembered', async () => {
  const { knowledge, read, state } = knowledgeOf(3_000);
  const reading = lookUp(knowledge, ['wool'], state.size);
  knowledge.forget('bot');
  await reading;
  read.length = 0;
  await lookUp(knowledge, ['wool'], state.size);
  expect(read).toContain('first wool');
});

test('terms of a small bot are read once too, and anew when its knowledge has changed', async () => {
  const { knowledge, read, state } = knowledgeOf(10);
  await lookUp(knowledge, ['wool', 'warm'], state.size);
  await lookUp(knowledge, ['warm', 'wool'], state.size);
  expect(read).toEqual(['first wool warm']);
  knowledge.forget('bot');
  await lookUp(knowledge, ['wool'], state.size);
  expect(read).toEqual(['first wool warm', 'first wool']);
});

test('a size is remembered for a few seconds, and not beyond a change', async () => {
  const { knowledge, read } = knowledgeOf(1);
  await knowledge.size('ws', 'bot');
  await knowledge.size('ws', 'bot');
  expect(read).toEqual(['size']);
  knowledge.forget();
  await knowledge.size('ws', 'bot');
  now += 6_000;
  await knowledge.size('ws', 'bot');
  expect(read).toEqual(['size', 'size', 'size']);
});
