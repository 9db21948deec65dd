import type { Turn } from '../core/turn/turn.ts';
import { earliestId } from '../kit/id.ts';

/** By how much the clock of whoever charged a turn may be behind that of whoever accepted it. */
const clockSkewMs = 5 * 60 * 1_000;

/**
 * Where the ledger holds what a turn was charged, if it was: the owner whose entries stay when a user is erased, and the id
 * from which on they are looked through. One without owners may have found them after whoever asks had read it: its
 * workspace is always among them.
 */
export const chargePlace = ({
  workspaceId,
  quotaOwners,
  createdAt,
}: Turn): { workspaceId: string; ownerId: string; fromId: string } => {
  const owner = quotaOwners.find((one) => one.ownerId === one.workspaceId) ??
    quotaOwners[0] ?? { workspaceId, ownerId: workspaceId };
  return { ...owner, fromId: earliestId('led', createdAt - clockSkewMs) };
};
