import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AwaitedReplies, type AwaitedRepliesParts } from './awaited-replies.ts';
import type { Turn, TurnWithReply } from './turn.ts';
import { TurnLog } from './turn-log.ts';

const roundMs = 2_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What the promises that are settled lead to. */
const follow = () => new Promise((resolve) => setImmediate(resolve));

const passRound = async (): Promise<void> => {
  vi.advanceTimersByTime(roundMs);
  await follow();
};

const leftToPerson = (id: string, conversationId = `conv of ${id}`): TurnWithReply => ({
  turn: { id, workspaceId: 'ws', conversationId, status: 'completed', finishReason: 'human' } as Turn,
  reply: null,
});

type Look = AwaitedRepliesParts['conversations']['findAwaitedTurns'];

/** Where every turn waits on, unless told otherwise. */
const createAwaited = (look: Look = async (asked) => new Set(asked.map(({ turnId }) => turnId))) => {
  const findAwaitedTurns = vi.fn<Look>(look);
  const errors: unknown[] = [];
  const awaited = new AwaitedReplies({
    conversations: { findAwaitedTurns },
    turns: { find: async (_workspaceId, id) => leftToPerson(id), findCharge: async () => 0 },
    clock: () => 0,
    onError: (error) => errors.push(error),
  });
  const keep = (id: string, { conversationId, isRead = true }: { conversationId?: string; isRead?: boolean } = {}) => {
    const log = new TurnLog(id, 1);
    const leave = isRead ? log.subscribe(() => {}) : () => false;
    awaited.keep(log, leftToPerson(id, conversationId), { expected: true });
    return { log, leave };
  };
  return { awaited, findAwaitedTurns, keep, errors };
};

it('looks for many turns in few statements, and only for those that are read', async () => {
  const { findAwaitedTurns, keep } = createAwaited();
  for (let turn = 0; turn < 1_200; turn++) keep(`turn_${turn}`);
  keep('unread', { isRead: false });
  await passRound();
  expect(findAwaitedTurns.mock.calls.map(([asked]) => asked.length)).toEqual([500, 500, 200]);
});

it('begins no look before the one before has ended, however slow the store is', async () => {
  let answer = (_waiting: Set<string>): void => {};
  const { findAwaitedTurns, keep } = createAwaited(() => new Promise((resolve) => (answer = resolve)));
  const { log } = keep('turn');
  for (let round = 0; round < 5; round++) await passRound();
  expect(findAwaitedTurns).toHaveBeenCalledTimes(1);
  answer(new Set(['turn']));
  await follow();
  await passRound();
  expect(findAwaitedTurns).toHaveBeenCalledTimes(2);
  answer(new Set());
  await follow();
  expect(log.result).not.toBeNull();
});

it('counts no absence twice while a look goes on', async () => {
  let answer = (_waiting: Set<string>): void => {};
  const { awaited, keep } = createAwaited(() => new Promise((resolve) => (answer = resolve)));
  keep('read');
  const { log, leave } = keep('left');
  leave();
  for (let round = 0; round < 3; round++) await passRound();
  expect(awaited.size).toBe(2);
  // the reader comes back before the next look
  log.subscribe(() => {});
  answer(new Set(['read']));
  await follow();
  await passRound();
  expect(awaited.size).toBe(2);
});

it('lets go what nobody has read in two looks', async () => {
  const { awaited, keep } = createAwaited();
  keep('turn', { isRead: false });
  await passRound();
  expect(awaited.size).toBe(1);
  await passRound();
  expect(awaited.size).toBe(0);
});

it('goes on behind a look that failed', async () => {
  const failure = new Error('the store is away');
  let away = true;
  const { keep, errors } = createAwaited(async () => {
    if (away) throw failure;
    return new Set();
  });
  const { log } = keep('turn');
  await passRound();
  expect(errors).toEqual([failure]);
  expect(log.result).toBeNull();
  away = false;
  await passRound();
  expect(log.result).not.toBeNull();
});

it('looks for the turns of one conversation alone where something was said there', async () => {
  const { awaited, findAwaitedTurns, keep } = createAwaited();
  keep('one', { conversationId: 'conv_1' });
  keep('other', { conversationId: 'conv_2' });
  awaited.look({ workspaceId: 'ws', conversationId: 'conv_1' });
  awaited.look({ workspaceId: 'foreign', conversationId: 'conv_2' });
  awaited.look({ workspaceId: 'ws', conversationId: 'conv_3' });
  await follow();
  expect(findAwaitedTurns.mock.calls).toEqual([[[{ workspaceId: 'ws', turnId: 'one' }]]]);
});

it('ends the stream of an earlier turn of the conversation, and keeps that of the latest', async () => {
  const { awaited, keep } = createAwaited();
  const earlier = keep('earlier', { conversationId: 'conv' });
  const latest = keep('latest', { conversationId: 'conv' });
  await follow();
  expect([earlier.log.result?.turn.id, latest.log.result]).toEqual(['earlier', null]);
  expect(awaited.size).toBe(1);
});

it('takes 10,000 at once: a turn past that ends at once, and a reader who comes back is told to come later', async () => {
  const { awaited, keep } = createAwaited();
  for (let turn = 0; turn < 10_000; turn++) keep(`turn_${turn}`);
  const { log } = keep('one too many');
  expect(log.result?.turn.id).toBe('one too many');
  expect(awaited.size).toBe(10_000);
  await expect(awaited.open(leftToPerson('another'), '[1,"s"]')).rejects.toMatchObject({ code: 'overloaded' });
  // who is there already may come again
  expect((await awaited.open(leftToPerson('turn_7'), '[1,"s"]')).result).toBeNull();
});
