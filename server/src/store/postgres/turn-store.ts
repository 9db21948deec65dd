import type {
  AcceptedTurn,
  AcceptTurn,
  FinishedTurn,
  FinishTurn,
  StopRequest,
  TurnRecord,
} from '../../core/turn/turn.ts';
import type { TurnStore } from '../../core/turn/turn-store.ts';
import type { Failpoint } from '../../kit/failpoint.ts';
import { refusedEnd } from '../refused-end.ts';
import { chargePlace } from '../charge-place.ts';
import { toTurn, type TurnRow } from '../turn-rows.ts';
import { acceptTurn } from './accept-turn.ts';
import { acceptTurns } from './accept-turns.ts';
import type { PostgresPool } from './connection.ts';
import { findTurnWithReply } from './find-turn.ts';
import { finishTurn } from './finish-turn.ts';
import { finishTurns } from './finish-turns.ts';
import { reserveTurn } from './reserve-turn.ts';
import { isOfOneUnit } from './lost-race.ts';
import { stopTurn } from './stop-turn.ts';
import { takeOverTurns } from './take-over-turns.ts';
import { TurnStatements } from './turn-statements.ts';
import { type StatementPlace, UnitQueue } from './unit-queue.ts';

/**
 * A turn's transactions: one statement for many turns where they are of the common kind. `onEnded` is told
 * how many turns were to end in a statement.
 */
export const postgresTurnStore = (
  pool: PostgresPool,
  { failpoint = null, onEnded = () => {} }: { failpoint?: Failpoint | null; onEnded?: (turns: number) => void } = {},
): TurnStore => {
  const statements = new TurnStatements(pool);
  const transaction = <Result>(work: (statements: TurnStatements) => Promise<Result>): Promise<Result> =>
    pool.transaction((session) => work(new TurnStatements(session)));

  const accepting = new UnitQueue<AcceptTurn, AcceptedTurn>({
    workspaceOf: ({ workspaceId }) => workspaceId,
    placeOf: ({ quota }) => placeOf(quota.periodStart, quota.shares),
    keysOf: acceptKeys,
    together: (groups) => acceptTurns(statements, groups),
    alone: (input) => transaction((own) => acceptTurn(own, input)),
  });
  const finishing = new UnitQueue<FinishTurn, FinishedTurn | null>({
    workspaceOf: ({ turn }) => turn.workspaceId,
    placeOf: ({ turn }) => placeOf(turn.periodStart, turn.quotaOwners),
    keysOf: ({ turn }) => [turn.conversationId],
    async together(groups) {
      const outcomes = await finishTurns(statements, groups);
      onEnded(groups.reduce((sum, inputs) => sum + inputs.length, 0));
      return outcomes;
    },
    alone: (input) => transaction((own) => finishTurn(own, input)),
  });

  return {
    // a statement that commits by itself has no place before its commit but the one before itself
    accept(input) {
      failpoint?.reach('before_accept_commit');
      return accepting.run(input);
    },
    finish(input) {
      failpoint?.reach('before_finish_commit');
      return finishing.run(input).catch((error: unknown) => {
        throw isOfOneUnit(error) ? refusedEnd(error) : error;
      });
    },
    reserve: (input) => transaction((own) => reserveTurn(own, input)),
    requestStop: (input) => transaction((own) => stopTurn(own, input)),
    takeOver: (input) => transaction((own) => takeOverTurns(own, input)),

    async keepPartial({ workspaceId, turnId, fence, text, receipt, log, lease, at }) {
      const values = [text, lease.durationMs, workspaceId, turnId, fence, receipt, at, log ?? null] as const;
      return (await statements.get('keepPartial', ...values)) !== undefined;
    },

    async renew(turns, lease) {
      const rows = await statements.all<{ id: string; stop_request: StopRequest | null }>(
        'renew',
        lease.durationMs,
        placesOf(turns),
      );
      const held = new Set(rows.map(({ id }) => id));
      return {
        lost: turns.flatMap(({ turnId }) => (held.has(turnId) ? [] : [turnId])),
        stops: rows.flatMap(({ id, stop_request: request }) => (request ? [{ turnId: id, request }] : [])),
      };
    },

    async release(turns) {
      await statements.run('release', placesOf(turns));
    },

    pruneLogs: (endedBefore, limit) => statements.run('pruneLogs', endedBefore, limit),

    listWaiting: async (limit) => (await statements.all<TurnRow>('listAllWaiting', limit)).map(toTurn),

    find: (workspaceId, turnId) => findTurnWithReply(statements, workspaceId, turnId),

    findRecord: async (workspaceId, turnId) =>
      (await statements.get<TurnRecord>('findRecord', workspaceId, turnId)) ?? null,

    async findCharge(turn) {
      const place = chargePlace(turn);
      const values = [place.workspaceId, place.ownerId, place.fromId, turn.id];
      return (await statements.get<{ messages: number }>('findCharge', ...values))?.messages ?? 0;
    },

    async findMessages(workspaceId, conversationId, places) {
      const rows = await statements.list<[seq: number, id: string, text: string]>(
        'listMessages',
        ...[workspaceId, conversationId, places],
      );
      return new Map(rows.map(([seq, id, text]) => [seq, { id, text }]));
    },
  };
};

/**
 * Counters are locked in the order of their periods, and the outermost first, of which those of several workspaces may be
 * the same. Null where nothing is counted.
 */
const placeOf = (periodStart: number, counters: readonly { workspaceId: string }[]): StatementPlace | null => {
  const [outermost] = counters;
  return outermost ? { era: periodStart, root: outermost.workspaceId } : null;
};

/** The conversation that is named, or the user whose current one it goes to; and the Idempotency-Key. */
const acceptKeys = (input: AcceptTurn): string[] => {
  const keys: string[] = [];
  if (input.conversationId !== null) keys.push(`conversation ${input.conversationId}`);
  else if (input.userId !== null) keys.push(JSON.stringify(['user', input.botId, input.mode, input.userId]));
  if (input.idempotency) {
    keys.push(JSON.stringify(['key', input.principal, input.idempotency.route, input.idempotency.key]));
  }
  return keys;
};

const placesOf = (turns: Parameters<TurnStore['renew']>[0]): string =>
  JSON.stringify(turns.map(({ workspaceId, turnId, fence }) => ({ workspace_id: workspaceId, id: turnId, fence })));
