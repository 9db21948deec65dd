import type { Lease, StopRequest, TakenTurn } from '../../core/turn/turn.ts';
import type { TurnRow } from '../turn-rows.ts';
import { claimedTurn } from './claimed-turn.ts';
import { leaseUntil } from './lease-until.ts';
import type { TurnStatements } from './turn-statements.ts';

export type TakeOver = {
  lease: Lease;
  soleOwner: boolean;
  except: readonly string[];
  historyLimit: number;
  limit: number;
  at: number;
};

type TakenRow = TurnRow & { partial_text: string | null; stop_request: StopRequest | null };

/** Takes turns that nobody runs any more under this process's lease. What another process takes right now is left to it. */
export const takeOverTurns = async (statements: TurnStatements, input: TakeOver): Promise<TakenTurn[]> => {
  const { lease, except, limit, historyLimit, at } = input;
  const until = leaseUntil(lease, at);
  const place = [at, input.soleOwner, lease.owner, limit] as const;
  const running = await statements.all<TakenRow>('takeTurns', ...place, until, except);
  const waiting = await statements.all<TurnRow>('startTurns', lease.owner, until, at, limit - running.length);
  const taken: TakenTurn[] = [];
  for (const row of running) {
    const claimed = await claimedTurn(statements, row, historyLimit);
    taken.push({ claimed, partial: row.partial_text, stop: row.stop_request, waited: false });
  }
  for (const row of waiting) {
    taken.push({ claimed: await claimedTurn(statements, row, historyLimit), partial: null, stop: null, waited: true });
  }
  return taken;
};
