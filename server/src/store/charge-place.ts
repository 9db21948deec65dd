import type { Turn } from '../core/turn/turn.ts';
import { earliestId } from '../kit/id.ts';

/** By how much the clock of whoever charged a turn may be behind that of whoever accepted it. */
const clockSkewMs = 5 * 60 * 1_000;

/**
 * Where the ledger holds what a turn was charged, if it was: the owner whose entries stay when a user is erased, and the id
 * from which on they are looked through. Null where nobody was asked to pay.
 */
export const chargePlace = ({
  quotaOwners,
  createdAt,
}: Turn): { workspaceId: string; ownerId: string; fromId: string } | null => {
  const owner = quotaOwners.find(({ workspaceId, ownerId }) => ownerId === workspaceId) ?? quotaOwners[0];
  return owner ? { ...owner, fromId: earliestId('led', createdAt - clockSkewMs) } : null;
};
