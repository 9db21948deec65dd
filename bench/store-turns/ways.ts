import type { AcceptedTurn, AcceptTurn, FinishedTurn, FinishTurn } from '../../server/src/core/turn/turn.ts';
import { acceptTurn } from '../../server/src/store/postgres/accept-turn.ts';
import { acceptTurns } from '../../server/src/store/postgres/accept-turns.ts';
import type { PostgresPool } from '../../server/src/store/postgres/connection.ts';
import { finishTurn } from '../../server/src/store/postgres/finish-turn.ts';
import { finishTurns } from '../../server/src/store/postgres/finish-turns.ts';
import { postgresTurnStore } from '../../server/src/store/postgres/turn-store.ts';
import { TurnStatements } from '../../server/src/store/postgres/turn-statements.ts';
import type { Settled } from '../../server/src/store/postgres/unit-queue.ts';

/** A way to bring turns into PostgreSQL. All write the same rows. */
export type Way = {
  name: string;
  accept: (input: AcceptTurn) => Promise<AcceptedTurn>;
  finish: (input: FinishTurn) => Promise<FinishedTurn | null>;
};

export const waysOver = (pool: PostgresPool): Way[] => {
  const statements = new TurnStatements(pool);
  const store = postgresTurnStore(pool);
  return [
    {
      name: 'a statement a step, in transactions',
      accept: (input) => pool.transaction((session) => acceptTurn(new TurnStatements(session), input)),
      finish: (input) => pool.transaction((session) => finishTurn(new TurnStatements(session), input)),
    },
    {
      name: 'two calls a turn',
      accept: async (input) => only(await acceptTurns(statements, [[input]])),
      finish: async (input) => only(await finishTurns(statements, [[input]])),
    },
    {
      name: 'two calls, shared by those of a tick',
      accept: (input) => store.accept(input),
      finish: (input) => store.finish(input),
    },
  ];
};

const only = <Result>([group]: readonly (readonly Settled<Result>[])[]): Result => {
  const settled = group?.[0];
  if (!settled || 'error' in settled) throw new Error('the statement did not do it');
  return settled.result;
};
