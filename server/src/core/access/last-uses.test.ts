import { expect, test } from 'vitest';
import type { Transact } from '../store.ts';
import { createLastUses } from './last-uses.ts';

const setUp = () => {
  const state = { now: 0, written: [] as { secretId: string; at: number }[], failure: null as Error | null };
  const errors: unknown[] = [];
  const transact = (async (work: (writers: unknown) => Promise<unknown>) => {
    if (state.failure) throw state.failure;
    return work({ keys: { touch: async (uses: typeof state.written) => void state.written.push(...uses) } });
  }) as unknown as Transact;
  const lastUses = createLastUses({ transact, clock: () => state.now, onError: (error) => errors.push(error) });
  return { state, errors, lastUses };
};

test('many uses of a secret are one write, with a time within a second of the last', async () => {
  const { state, lastUses } = setUp();
  for (state.now = 0; state.now < 5_500; state.now += 100) lastUses.note('ws', 'key', 'one');
  lastUses.note('ws', 'key', 'other');
  await lastUses.flush();
  expect(state.written).toHaveLength(2);
  expect(state.written[0]?.at).toBeGreaterThanOrEqual(4_500);
  await lastUses.close();
  expect(state.written).toHaveLength(2);
});

test('what could not be written is written with the next', async () => {
  const { state, errors, lastUses } = setUp();
  lastUses.note('ws', 'key', 'one');
  state.failure = new Error('disk full');
  await lastUses.flush();
  expect(errors).toEqual([state.failure]);
  state.failure = null;
  await lastUses.close();
  expect(state.written).toHaveLength(1);
});
