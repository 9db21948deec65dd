import { eraseTracesSoon } from '../../core/job/erase-traces-soon.ts';
import type { Transact } from '../../core/store.ts';
import type { Clock } from '../../kit/clock.ts';
import { inBatches } from '../in-batches.ts';
import { type JobKind, readPayload, workspaceOf } from '../job-kind.ts';
import { rowsPerBatch } from '../rows-per-batch.ts';

/** Removes what belonged to a deleted conversation, and what the files hold of it. */
export const purgeConversation = ({ transact, clock }: { transact: Transact; clock: Clock }): JobKind => ({
  tireless: true,

  async run(run) {
    const workspaceId = workspaceOf(run);
    const { conversationId } = readPayload<'purge-conversation'>(run.payload, { conversationId: 'string' });
    await inBatches(run.signal, () =>
      transact((writers) => writers.conversations.purge(workspaceId, conversationId, rowsPerBatch)),
    );
    await transact(({ jobs }) => eraseTracesSoon(jobs, { of: 'conversation', now: clock() }));
  },
});
