import { queryObjects } from 'node:v8';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FirstAttempts, type FirstAttemptParts } from './first-attempts.ts';
import { SendingRoom } from './sending-room.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** First attempts at events that nobody wants, which leave the outbox as they are looked at. */
const attemptsForNobody = (): FirstAttempts =>
  new FirstAttempts({
    events: {
      destinations: () => Promise.resolve(new Map()),
      settle: () => Promise.resolve(),
      release: () => Promise.resolve(),
      take: () => Promise.resolve([]),
      areKept: () => Promise.resolve([]),
    },
    clock: Date.now,
    room: new SendingRoom(),
    leaseMs: 20_000,
    onError: (error) => {
      throw error;
    },
    onRoom: () => {},
    onWaiting: () => {},
    onEnded: () => {},
  } satisfies Partial<FirstAttemptParts> as unknown as FirstAttemptParts);

const holdBatches = async (attempts: FirstAttempts, from: number, to: number): Promise<void> => {
  for (let n = from; n < to; n++) {
    const of = { workspaceId: 'ws_1', subjectId: `turn_${n}`, createdAt: 0, heldUntil: 0 };
    expect(attempts.hold({ ...of, id: `evt_${n}`, type: 'turn.completed' }, null)).toBe(true);
    // a batch each, which has left before the next one comes
    await vi.advanceTimersByTimeAsync(50);
  }
};

const arrays = (): number => queryObjects(Array, { format: 'count' });

it('keeps nothing of the batches that have left', async () => {
  const attempts = attemptsForNobody();
  await holdBatches(attempts, 0, 50);
  const before = arrays();
  await holdBatches(attempts, 50, 1_050);
  expect(arrays() - before).toBeLessThan(500);
  await attempts.stop(new Promise(() => {}));
});
