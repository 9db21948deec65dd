import type { EndTurns } from '../../core/conversation/delete-conversation.ts';
import type { Store, Transact } from '../../core/store.ts';
import type { Clock } from '../../kit/clock.ts';
import { inBatches } from '../in-batches.ts';
import { type JobKind, readPayload } from '../job-kind.ts';
import { rowsPerBatch } from '../rows-per-batch.ts';

/**
 * Removes what belonged to a deleted workspace, then what the files of the database still hold of it; turns that still run
 * end first.
 */
export const purgeWorkspace = ({
  transact,
  clock,
  endTurns,
  eraseTraces,
}: {
  transact: Transact;
  clock: Clock;
  endTurns: EndTurns;
  eraseTraces: Store['eraseTraces'];
}): JobKind => ({
  tireless: true,

  async run(run) {
    const { workspaceId } = readPayload<'purge-workspace'>(run.payload, { workspaceId: 'string' });
    await inBatches(run.signal, async () => {
      const batch = { limit: rowsPerBatch, at: clock() };
      const { done, endedTurns } = await transact((writers) => writers.clients.purge(workspaceId, batch));
      if (endedTurns.length > 0) endTurns(workspaceId, endedTurns);
      return done;
    });
    await eraseTraces(run.signal);
  },
});
