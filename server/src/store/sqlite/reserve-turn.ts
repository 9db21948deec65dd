import type { ReserveTurn, Turn } from '../../core/turn/turn.ts';
import { ownersOf, packOwners, readOwners } from '../quota-owners-text.ts';
import type { SqliteConnection } from './connection.ts';
import { reserve } from './quota-units.ts';
import { turnSql } from './turn-sql.ts';

/**
 * Reserves a message for a running turn that has reserved none; null where its fence is another's. One that has got a
 * reservation meanwhile keeps that, as where a commit stood of which nobody was told.
 */
export const reserveTurn =
  ({ turn, quota }: ReserveTurn) =>
  (connection: SqliteConnection): Turn | null => {
    const { workspaceId, id, fence } = turn;
    const quotaOwners = ownersOf(quota.shares);
    if (connection.run(turnSql.setOwners, packOwners(quotaOwners), workspaceId, id, fence) === 0) {
      const own = connection.get<{ quota_owners: string | null }>(turnSql.findOwners, workspaceId, id, fence);
      return own ? { ...turn, quotaOwners: readOwners(own.quota_owners, workspaceId) } : null;
    }
    reserve(connection, workspaceId, quota);
    return { ...turn, quotaOwners };
  };
