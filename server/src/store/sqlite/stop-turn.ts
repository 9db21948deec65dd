import { isEnded } from '../../core/turn/turn.ts';
import { eventOf } from '../event-of-end.ts';
import type { StopTurn, Stopped } from '../turn-requests.ts';
import { toTurn, type TurnRow } from '../turn-rows.ts';
import type { SqliteConnection } from './connection.ts';
import { passConversation } from './finish-turn.ts';
import { settle } from './quota-units.ts';
import { turnSql } from './turn-sql.ts';
import { findTurnWithReply } from './find-turn.ts';

/** Ends a waiting turn at once, without a charge, and tells of it; marks a running one for its owner. */
export const stopTurn =
  (input: StopTurn) =>
  (connection: SqliteConnection): Stopped => {
    const { workspaceId, turnId, at } = input;
    const row = connection.get<TurnRow>(turnSql.cancelWaiting, at, workspaceId, turnId);
    if (row) {
      const cancelled = toTurn(row);
      settle(connection, cancelled, at);
      connection.run(turnSql.insertRecord, workspaceId, turnId, null, input.log, at);
      const { id, type, createdAt } = eventOf({ turn: cancelled, status: 'cancelled', at });
      connection.run(turnSql.insertEvent, workspaceId, id, type, turnId, createdAt, at);
      // it may have been given the conversation without having been started yet
      passConversation(connection, cancelled, { lease: null, historyLimit: 0, at });
      return { kind: 'ended', result: { turn: cancelled, reply: null } };
    }
    const known = findTurnWithReply(connection, workspaceId, turnId);
    if (!known) return null;
    if (isEnded(known.turn.status)) return { kind: 'ended', result: known };
    connection.run(turnSql.requestStop, input.request, workspaceId, turnId);
    return { kind: 'requested' };
  };
