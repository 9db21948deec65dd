import { beforeEach, expect, test } from 'vitest';
import { type MovedConversation, MovedConversations } from './moved-conversations.ts';

let now: number;
let waiting: number;
let added: string[][];
let errors: unknown[];
let failure: Error | null;
let whileAdding: (() => void) | null;
let moved: MovedConversations;

beforeEach(() => {
  now = 1_000_000;
  waiting = 0;
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

test('while many jobs wait, conversations are kept in mind', async () => {
  waiting = 199;
  note('a');
  note('b');
  expect(await lookAfter(10_000)).toEqual([['a']]);
  waiting = 200;
  expect(await lookAfter(10_000)).toEqual([]);
  waiting = 0;
  expect(await lookAfter(10_000)).toEqual([['b']]);
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

test('a stop hands over what is still in mind', async () => {
  note('a');
  await moved.stop();
  expect(added).toEqual([['a']]);
});

test('of too many conversations the one that was silent the longest is forgotten', async () => {
  note('first');
  note('second');
  for (let at = 0; at < 9_999; at++) note(`other-${at}`);
  note('second');
  waiting = -20_000;
  const jobs = (await lookAfter(10_000)).flat();
  expect(jobs).toHaveLength(10_000);
  expect(jobs).toContain('second');
  expect(jobs).not.toContain('first');
});
