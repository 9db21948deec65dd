import type { Transact } from '../../core/store.ts';
import { inBatches } from '../in-batches.ts';
import { type JobKind, readPayload, workspaceOf } from '../job-kind.ts';
import { rowsPerBatch } from '../rows-per-batch.ts';

/** Removes what belonged to a deleted conversation. */
export const purgeConversation = ({ transact }: { transact: Transact }): JobKind => ({
  tireless: true,

  async run(run) {
    const workspaceId = workspaceOf(run);
    const { conversationId } = readPayload<'purge-conversation'>(run.payload, { conversationId: 'string' });
    await inBatches(run.signal, () =>
      transact((writers) => writers.conversations.purge(workspaceId, conversationId, rowsPerBatch)),
    );
  },
});
