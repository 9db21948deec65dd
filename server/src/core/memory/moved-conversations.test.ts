import { beforeEach, expect, test } from 'vitest';
import { type MovedConversation, MovedConversations } from './moved-conversations.ts';

let now: number;
let waiting: Map<string, number>;
let added: string[][];
let errors: unknown[];
let failure: Error | null;
let whileAdding: (() => void) | null;
let moved: MovedConversations;

beforeEach(() => {
  now = 1_000_000;
  waiting = new Map();
  added = [];
  errors = [];
  failure = null;
  whileAdding = null;
  moved = new MovedConversations({
    enqueue: (places) => {
      if (failure) return Promise.reject(failure);
      whileAdding?.();
      added.push(places.map(({ conversationId }) => conversationId));
      return Promise.resolve();
    },
    countWaiting: () => Promise.resolve(waiting),
    clock: () => now,
    onError: (error) => errors.push(error),
    quietMs: 10_000,
  });
});

const note = (conversationId: string, of: Partial<MovedConversation> = { hasFacts: true }): void =>
  moved.note({ workspaceId: 'ws_a', conversationId, hasFacts: false, isFull: false, ...of });
const lookAfter = async (ms: number): Promise<string[][]> => {
  now += ms;
  added = [];
  await moved.look();
  return added;
};

test('a conversation gets one job for a burst of turns, once it is quiet', async () => {
  note('a');
  expect(await lookAfter(9_000)).toEqual([]);
  note('a');
  expect(await lookAfter(9_000)).toEqual([]);
  expect(await lookAfter(1_000)).toEqual([['a']]);
  expect(await lookAfter(100_000)).toEqual([]);
});

test('a burst that does not end gets its job after a minute', async () => {
  let jobs = 0;
  for (let second = 0; second < 130; second += 5) {
    note('a');
    jobs += (await lookAfter(5_000)).length;
  }
  expect(jobs).toBe(2);
});

test('a turn with nothing to remember is not noted', async () => {
  note('a', {});
  expect(await lookAfter(100_000)).toEqual([]);
});

test('a full conversation that is new here gets a job at once, and then one for each eight turns', async () => {
  note('a', { isFull: true });
  expect(await lookAfter(10_000)).toEqual([['a']]);
  for (let turn = 1; turn < 8; turn++) note('a', { isFull: true });
  expect(await lookAfter(100_000)).toEqual([]);
  note('a', { isFull: true });
  expect(await lookAfter(10_000)).toEqual([['a']]);
});

test('while many jobs of its workspace wait, a conversation is kept in mind', async () => {
  waiting = new Map([['ws_a', 49]]);
  note('a');
  note('b');
  expect(await lookAfter(10_000)).toEqual([['a']]);
  waiting = new Map([['ws_a', 50]]);
  expect(await lookAfter(10_000)).toEqual([]);
  waiting = new Map();
  expect(await lookAfter(10_000)).toEqual([['b']]);
});

test('however many jobs of one workspace wait, a conversation of another gets its own', async () => {
  waiting = new Map([['ws_a', 50]]);
  for (let at = 0; at < 300; at++) note(`large-${at}`);
  note('small', { hasFacts: true, workspaceId: 'ws_b' });
  expect(await lookAfter(10_000)).toEqual([['small']]);
});

test('while jobs of many workspaces wait, room goes to those that have the fewest', async () => {
  waiting = new Map(Array.from({ length: 12 }, (_, at) => [`ws_${at}`, 41]));
  for (let at = 0; at < 20; at++) note(`large-${at}`, { hasFacts: true, workspaceId: 'ws_0' });
  for (let at = 0; at < 5; at++) note(`small-${at}`, { hasFacts: true, workspaceId: 'ws_small' });
  // 492 of 500
  expect((await lookAfter(10_000)).flat().toSorted()).toEqual([
    'large-0',
    'large-1',
    'large-2',
    'small-0',
    'small-1',
    'small-2',
    'small-3',
    'small-4',
  ]);
  waiting.set('ws_small', 8);
  expect(await lookAfter(10_000)).toEqual([]);
});

test('what the store did not take is tried again', async () => {
  failure = new Error('away');
  note('a');
  expect(await lookAfter(10_000)).toEqual([]);
  expect(errors).toEqual([failure]);
  failure = null;
  expect(await lookAfter(1)).toEqual([['a']]);
});

test('a turn that ends while its job is being added gets another one', async () => {
  note('a');
  whileAdding = () => {
    now += 1;
    note('a');
    whileAdding = null;
  };
  expect(await lookAfter(10_000)).toEqual([['a']]);
  expect(await lookAfter(10_000)).toEqual([['a']]);
  expect(await lookAfter(100_000)).toEqual([]);
});

test('a stop hands over what is still in mind, whether there is room or not', async () => {
  waiting = new Map([['ws_a', 50]]);
  for (let at = 0; at < 120; at++) note(`left-${at}`);
  await moved.stop();
  expect(added.flat()).toHaveLength(120);
});

test('what one workspace has beyond its limit, as after a stop, takes no room from others', async () => {
  waiting = new Map([['ws_a', 5_000]]);
  note('a');
  note('b', { hasFacts: true, workspaceId: 'ws_b' });
  expect(await lookAfter(10_000)).toEqual([['b']]);
});

test('of too many conversations the one that was silent the longest is forgotten', async () => {
  note('first');
  note('second');
  for (let at = 0; at < 9_999; at++) note(`other-${at}`);
  note('second');
  const jobs = new Set<string>();
  for (let look = 0; look < 10_000 / 50; look++) for (const id of (await lookAfter(10_000)).flat()) jobs.add(id);
  expect(jobs.size).toBe(10_000);
  expect(await lookAfter(10_000)).toEqual([]);
  expect(jobs.has('second')).toBe(true);
  expect(jobs.has('first')).toBe(false);
});
