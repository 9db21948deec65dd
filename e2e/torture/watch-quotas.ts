import { setTimeout } from 'node:timers/promises';
import type { Violation } from './evidence.ts';
import type { Query } from './stored-state.ts';

/** From one look to the next; a turn of the load takes longer. */
const lookEveryMs = 25;
/** Enough to see what is wrong. */
const maxViolations = 10;

/** I5 at every moment: looks again and again whether a counter, reservations included, is above its limit. */
export const watchQuotas = (query: Query): { stop(): Promise<Violation[]> } => {
  const violations: Violation[] = [];
  let looks = 0;
  const stopping = new AbortController();
  const look = async (): Promise<void> => {
    const over = await query<{ owner_id: string; used: number; reserved: number; hard_limit: number }>(
      'select owner_id, used, reserved, hard_limit from quota_periods where used + reserved > hard_limit',
    );
    looks += 1;
    for (const { owner_id: owner, used, reserved, hard_limit: limit } of over) {
      if (violations.length === maxViolations) return;
      violations.push({ invariant: 'I5', what: `${owner} had used ${used} and reserved ${reserved} of ${limit}` });
    }
  };
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      // a server that was killed may leave the database locked for a moment
      await look().catch(() => {});
      await setTimeout(lookEveryMs);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await watching;
      return looks > 0 ? violations : [{ invariant: 'I5', what: 'the counters were never seen' }];
    },
  };
};
