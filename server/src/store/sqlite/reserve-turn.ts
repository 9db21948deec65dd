import type { ReserveTurn, Turn } from '../../core/turn/turn.ts';
import { ownersOf, packOwners } from '../quota-owners-text.ts';
import type { SqliteConnection } from './connection.ts';
import { reserve } from './quota-units.ts';
import { turnSql } from './turn-sql.ts';

/** Reserves a message for a running turn that has reserved none; null where its fence is another's. */
export const reserveTurn =
  ({ turn, quota }: ReserveTurn) =>
  (connection: SqliteConnection): Turn | null => {
    const { workspaceId, id, fence } = turn;
    const quotaOwners = ownersOf(quota.shares);
    if (connection.run(turnSql.setOwners, packOwners(quotaOwners), workspaceId, id, fence) === 0) return null;
    reserve(connection, workspaceId, quota);
    return { ...turn, quotaOwners };
  };
