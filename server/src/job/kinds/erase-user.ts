import type { Store, Transact } from '../../core/store.ts';
import type { Clock } from '../../kit/clock.ts';
import { inBatches } from '../in-batches.ts';
import { type JobKind, readPayload, workspaceOf } from '../job-kind.ts';
import { rowsPerBatch } from '../rows-per-batch.ts';

export type EraseUserParts = { transact: Transact; clock: Clock; eraseTraces: Store['eraseTraces'] };

/**
 * Removes what an erased person had, then what the files of the database still hold of it. Only then is the receipt
 * completed: it says that nothing is left.
 */
export const eraseUser = ({ transact, clock, eraseTraces }: EraseUserParts): JobKind => ({
  tireless: true,

  async run(run) {
    const workspaceId = workspaceOf(run);
    const { erasureId } = readPayload<'erase-user'>(run.payload, { erasureId: 'string' });
    let lookedTo: string | null = '';
    await inBatches(run.signal, async () => {
      const after: string = lookedTo ?? '';
      lookedTo = await transact((writers) => writers.users.forgetInTurns(workspaceId, erasureId, after));
      return lookedTo === null;
    });
    await inBatches(run.signal, () =>
      transact((writers) => writers.users.purgeErased(workspaceId, erasureId, rowsPerBatch)),
    );
    await eraseTraces(run.signal);
    await transact((writers) => writers.users.completeErasure(workspaceId, erasureId, clock()));
  },
});
