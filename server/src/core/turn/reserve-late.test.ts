import { describe, expect, it, vi } from 'vitest';
import { ParleyError } from '../error.ts';
import { reserveLate, type ReserveLateParts } from './reserve-late.ts';
import type { ClaimedTurn, Turn } from './turn.ts';

const owner = { workspaceId: 'ws_a', ownerId: 'ws_a' };
const turn = { id: 'turn_a', mode: 'live', quotaOwners: [], periodStart: 0 } as unknown as Turn;
const claimed = { turn, conversationStatus: 'open' } as unknown as ClaimedTurn;
const reserved = { ...turn, quotaOwners: [owner] };

/** A store that answers one call after the other. */
const partsOf = (...answers: (() => Promise<Turn | null>)[]) => {
  const reserve = vi.fn<ReserveLateParts['turns']['reserve']>(() => (answers.shift() ?? (async () => null))());
  const storeFailed = vi.fn<ReserveLateParts['observer']['storeFailed']>();
  const sharesOf = async () => [{ ...owner, limit: 1, warnAt: null }];
  return { turns: { reserve }, observer: { storeFailed }, sharesOf };
};

describe('a message that is reserved late', () => {
  it('is asked for again where the store went away, which may have reserved it', async () => {
    const away = new ParleyError('storage_unavailable');
    const parts = partsOf(
      () => Promise.reject(away),
      () => Promise.resolve(reserved),
    );
    expect(await reserveLate(parts, claimed)).toEqual(reserved);
    expect(parts.observer.storeFailed.mock.calls).toEqual([[turn.id, away]]);
  });

  it('is refused at once where the quota is used up', async () => {
    const parts = partsOf(() => Promise.reject(new ParleyError('quota_exceeded')));
    await expect(reserveLate(parts, claimed)).rejects.toMatchObject({ code: 'quota_exceeded' });
    expect(parts.turns.reserve).toHaveBeenCalledTimes(1);
  });

  it.each([
    { of: 'a turn that has a reservation', change: { turn: reserved } },
    { of: 'one that a person answers', change: { conversationStatus: 'human' as const } },
    { of: 'one of test mode', change: { turn: { ...turn, mode: 'test' as const } } },
  ])('is none of $of', async ({ change }) => {
    const parts = partsOf();
    const own = { ...claimed, ...change };
    expect(await reserveLate(parts, own)).toBe(own.turn);
    expect(parts.turns.reserve).not.toHaveBeenCalled();
  });
});
