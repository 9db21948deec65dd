import type { QuotaOwner, QuotaShare } from '../core/turn/turn.ts';

/** JSON of `[[workspaceId, ownerId], …]`, or null where nobody holds a reservation. */
export const packOwners = (owners: readonly QuotaOwner[]): string | null => {
  const [first] = owners;
  if (!first) return null;
  // the workspace alone, as it nearly always is: its ids need no escapes
  if (owners.length === 1 && first.ownerId === first.workspaceId) return rootAlone(first.workspaceId);
  return JSON.stringify(owners.map(({ workspaceId, ownerId }) => [workspaceId, ownerId]));
};

/** What `packOwners` has packed for a turn of this workspace. */
export const readOwners = (text: string | null, workspaceId: string): QuotaOwner[] => {
  if (text === null) return [];
  if (text === rootAlone(workspaceId)) return [{ workspaceId, ownerId: workspaceId }];
  return (JSON.parse(text) as [string, string][]).map(([ownersWorkspaceId, ownerId]) => ({
    workspaceId: ownersWorkspaceId,
    ownerId,
  }));
};

/** Shares without their limits, as a turn keeps them. */
export const ownersOf = (shares: readonly QuotaShare[]): QuotaOwner[] =>
  shares.map(({ workspaceId, ownerId }) => ({ workspaceId, ownerId }));

const rootAlone = (workspaceId: string): string => `[["${workspaceId}","${workspaceId}"]]`;
