import type { Principal } from '../access/principal.ts';
import { notFound } from '../error.ts';
import type { Erasure } from './erasure.ts';
import { placeOf } from './user-access.ts';
import type { UserReader } from './user-store.ts';

/** How often a caller's erasure is looked at, and for how long a request waits for its end. */
const lookEveryMs = 25;
const waitMs = 2_000;

/** The receipt of an erasure of the principal's mode. Throws not_found, insufficient_scope. */
export const findErasure = async (
  users: Pick<UserReader, 'findErasure'>,
  principal: Principal,
  erasureId: string,
): Promise<Erasure> => {
  const { workspaceId, mode } = placeOf(principal, '');
  const erasure = await users.findErasure(workspaceId, mode, erasureId);
  if (!erasure) throw notFound('erasure');
  return erasure;
};

/** The receipt once it is completed; as it stands where that takes longer than a request may wait. */
export const awaitErasure = async (users: Pick<UserReader, 'findErasure'>, begun: Erasure): Promise<Erasure> => {
  const giveUpAt = performance.now() + waitMs;
  let latest = begun;
  while (latest.status === 'running' && performance.now() < giveUpAt) {
    await new Promise((resolve) => {
      setTimeout(resolve, lookEveryMs);
    });
    latest = (await users.findErasure(begun.workspaceId, begun.mode, begun.id)) ?? latest;
  }
  return latest;
};
