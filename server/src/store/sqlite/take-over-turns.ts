import type { ClaimedTurn, StopRequest, TakenTurn } from '../../core/turn/turn.ts';
import type { TakeOver } from '../turn-requests.ts';
import type { TurnRow } from '../turn-rows.ts';
import { claimedTurn } from './claimed-turn.ts';
import type { SqliteConnection } from './connection.ts';
import { startWaiting } from './finish-turn.ts';
import { turnSql } from './turn-sql.ts';

type AbandonedRow = {
  workspace_id: string;
  id: string;
  status: 'queued' | 'running';
  partial_text: string | null;
  stop_request: StopRequest | null;
  released: number;
};

/** Takes turns that nobody runs any more under this process's lease. */
export const takeOverTurns =
  (input: TakeOver) =>
  (connection: SqliteConnection): TakenTurn[] => {
    const { lease, at } = input;
    const abandoned = connection.all<AbandonedRow>(
      turnSql.listAbandoned,
      ...[at, input.soleOwner ? 1 : 0, lease.owner, input.limit, JSON.stringify(input.except)],
    );
    return abandoned.flatMap((row) => {
      const claimed = claim(connection, row, input);
      if (!claimed) return [];
      const { partial_text: partial, stop_request: stop, status, released } = row;
      return [{ claimed, partial, stop, waited: status === 'queued', released: released === 1 }];
    });
  };

const claim = (connection: SqliteConnection, row: AbandonedRow, input: TakeOver): ClaimedTurn | null => {
  const { lease, historyLimit, at } = input;
  const turn = { workspaceId: row.workspace_id, turnId: row.id };
  if (row.status === 'queued') return startWaiting(connection, turn, { lease, historyLimit, at });
  const taken = connection.get<TurnRow>(
    turnSql.takeTurn,
    lease.owner,
    at + lease.durationMs,
    turn.workspaceId,
    turn.turnId,
  );
  return taken ? claimedTurn(connection, taken, historyLimit) : null;
};
