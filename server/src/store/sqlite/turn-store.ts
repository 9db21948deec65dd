import { ParleyError } from '../../core/error.ts';
import type { StopRequest, TurnRecord } from '../../core/turn/turn.ts';
import type { TurnStore } from '../../core/turn/turn-store.ts';
import type { Failpoint, FailpointName } from '../../kit/failpoint.ts';
import { refusedEnd } from '../refused-end.ts';
import { chargePlace } from '../charge-place.ts';
import { toTurn, type TurnRow } from '../turn-rows.ts';
import { acceptTurn } from './accept-turn.ts';
import { isRefused } from './begin-immediate.ts';
import type { SqliteConnection } from './connection.ts';
import { findTurnWithReply } from './find-turn.ts';
import { finishTurn } from './finish-turn.ts';
import { reserveTurn } from './reserve-turn.ts';
import { stopTurn } from './stop-turn.ts';
import { takeOverTurns } from './take-over-turns.ts';
import { turnSql } from './turn-sql.ts';
import type { SqliteWriter, Unit } from './writer.ts';

/** A turn's transactions as units of the one writer, and its reads on the reading connection. */
export const sqliteTurnStore = (
  writer: SqliteWriter,
  reader: SqliteConnection,
  failpoint: Failpoint | null = null,
): TurnStore => {
  /** What was read is told once it is on the disk, so that no power cut takes it back. */
  const told = async <Result>(read: () => Result): Promise<Result> => {
    const result = read();
    await writer.durability.reached();
    return result;
  };
  return {
    accept: (input, onWritten) =>
      writer.run(endingAt(failpoint, 'before_accept_commit', acceptTurn(input)), (accepted) => {
        if (accepted.kind === 'accepted' && accepted.claimed) onWritten?.(accepted.claimed);
      }),
    reserve: (input) => writer.run(reserveTurn(input)),
    finish: (input) =>
      writer.run(endingAt(failpoint, 'before_finish_commit', finishTurn(input))).catch((error: unknown) => {
        const cause = error instanceof ParleyError ? error.cause : error;
        throw isRefused(cause) ? refusedEnd(cause) : error;
      }),
    requestStop: (input) => writer.run(stopTurn(input)),
    takeOver: (input) => writer.run(takeOverTurns(input)),

    keepPartial: ({ workspaceId, turnId, fence, text, receipt, lease, at }) =>
      writer.run((connection) => {
        const until = at + lease.durationMs;
        if (connection.run(turnSql.keepPartial, text, until, workspaceId, turnId, fence) === 0) return false;
        if (receipt !== null) connection.run(turnSql.keepReceipt, workspaceId, turnId, receipt, at);
        return true;
      }),

    renew: (turns, lease, at) =>
      writer.run((connection) => {
        const lost: string[] = [];
        const stops: { turnId: string; request: StopRequest }[] = [];
        for (const { workspaceId, turnId, fence } of turns) {
          const row = connection.get<{ stop_request: StopRequest | null }>(
            turnSql.renew,
            ...[at + lease.durationMs, workspaceId, turnId, fence],
          );
          if (!row) lost.push(turnId);
          else if (row.stop_request) stops.push({ turnId, request: row.stop_request });
        }
        return { lost, stops };
      }),

    release: (turns) =>
      writer.run((connection) => {
        for (const { workspaceId, turnId, fence } of turns) connection.run(turnSql.release, workspaceId, turnId, fence);
      }),

    pruneLogs: (endedBefore, limit) =>
      writer.run((connection) => connection.run(turnSql.pruneLogs, endedBefore, limit)),

    listWaiting: (limit) => told(() => reader.all<TurnRow>(turnSql.listAllWaiting, limit).map(toTurn)),

    find: (workspaceId, turnId) => told(() => findTurnWithReply(reader, workspaceId, turnId)),

    findRecord: (workspaceId, turnId) =>
      told(() => reader.get<TurnRecord>(turnSql.findRecord, workspaceId, turnId) ?? null),

    findCharge: (turn) =>
      told(() => {
        const { workspaceId, ownerId, fromId } = chargePlace(turn);
        return (
          reader.get<{ messages: number }>(turnSql.findCharge, workspaceId, ownerId, fromId, turn.id)?.messages ?? 0
        );
      }),

    findMessages: (workspaceId, conversationId, places) =>
      told(() => {
        const rows = reader.list<[seq: number, id: string, text: string]>(
          turnSql.listMessages,
          workspaceId,
          conversationId,
          JSON.stringify(places),
        );
        return new Map(rows.map(([seq, id, text]) => [seq, { id, text }]));
      }),
  };
};

/** The unit, with the failpoint behind its statements and before their commit. */
const endingAt = <Result>(failpoint: Failpoint | null, name: FailpointName, unit: Unit<Result>): Unit<Result> =>
  failpoint
    ? (connection) => {
        const result = unit(connection);
        failpoint.reach(name);
        return result;
      }
    : unit;
