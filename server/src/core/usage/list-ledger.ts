import type { Principal } from '../access/principal.ts';
import type { Page, PageRequest } from '../page.ts';
import type { LedgerEntry, UsageReader } from './usage-store.ts';

/**
 * The charges to the workspace, newest first; those of a period sum up to its counter. A principal that is limited to some
 * bots sees theirs alone. In test mode nothing is charged.
 */
export const listLedger = async (
  usage: Pick<UsageReader, 'ledger'>,
  principal: Principal,
  page: PageRequest,
): Promise<Page<LedgerEntry>> => {
  if (principal.mode === 'test') return { items: [], hasMore: false };
  const { workspaceId } = principal;
  const botIds = principal.botIds === null ? null : [...principal.botIds];
  return usage.ledger(workspaceId, { ownerId: workspaceId, botIds }, page);
};
