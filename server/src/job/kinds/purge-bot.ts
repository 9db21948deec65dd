import type { EndTurns } from '../../core/conversation/delete-conversation.ts';
import { eraseTracesSoon } from '../../core/job/erase-traces-soon.ts';
import type { Transact } from '../../core/store.ts';
import type { Clock } from '../../kit/clock.ts';
import { inBatches } from '../in-batches.ts';
import { type JobKind, readPayload, workspaceOf } from '../job-kind.ts';
import { rowsPerBatch } from '../rows-per-batch.ts';

/** Removes what belonged to a deleted bot, and what the files hold of it; turns that still run end first. */
export const purgeBot = ({
  transact,
  clock,
  endTurns,
}: {
  transact: Transact;
  clock: Clock;
  endTurns: EndTurns;
}): JobKind => ({
  tireless: true,

  async run(run) {
    const workspaceId = workspaceOf(run);
    const { botId } = readPayload<'purge-bot'>(run.payload, { botId: 'string' });
    await inBatches(run.signal, async () => {
      const batch = { limit: rowsPerBatch, at: clock() };
      const { done, endedTurns } = await transact((writers) => writers.bots.purge(workspaceId, botId, batch));
      if (endedTurns.length > 0) endTurns(workspaceId, endedTurns);
      return done;
    });
    await transact(({ jobs }) => eraseTracesSoon(jobs, { of: 'knowledge', now: clock() }));
  },
});
