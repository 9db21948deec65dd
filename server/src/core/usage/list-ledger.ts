import type { Principal } from '../access/principal.ts';
import type { Page, PageRequest } from '../page.ts';
import type { WorkspaceReader } from '../workspace/workspace.ts';
import { type QuotaOwnerType, readOwnerId } from './quota-owner.ts';
import type { LedgerEntry, UsageReader } from './usage-store.ts';

/** A charge with the node of the quota tree that it was made to. */
export type OwnedLedgerEntry = LedgerEntry & { owner: { type: QuotaOwnerType; id: string } };

/**
 * The charges to one node of the workspace's quota tree, newest first; those of a period sum up to its counter. The
 * workspace itself where `ownerId` is null; one that nothing was charged to has none. A principal that is limited to some
 * bots sees theirs alone. In test mode nothing is charged.
 */
export const listLedger = async (
  { usage, workspaces }: { usage: Pick<UsageReader, 'ledger'>; workspaces: Pick<WorkspaceReader, 'find'> },
  { principal, ownerId }: { principal: Principal; ownerId: string | null },
  page: PageRequest,
): Promise<Page<OwnedLedgerEntry>> => {
  if (principal.mode === 'test') return { items: [], hasMore: false };
  const { workspaceId } = principal;
  const filter = {
    ownerId: ownerId ?? workspaceId,
    botIds: principal.botIds === null ? null : [...principal.botIds],
  };
  const { items, hasMore } = await usage.ledger(workspaceId, filter, page);
  const named = readOwnerId(filter.ownerId);
  const isClient = named.type === 'workspace' && (await workspaces.find(workspaceId))?.parentId != null;
  const owner = isClient ? { ...named, type: 'client' as const } : named;
  return { items: items.map((entry) => ({ ...entry, owner })), hasMore };
};
