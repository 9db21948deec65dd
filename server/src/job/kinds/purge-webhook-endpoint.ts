import type { Transact } from '../../core/store.ts';
import { inBatches } from '../in-batches.ts';
import { type JobKind, readPayload, workspaceOf } from '../job-kind.ts';
import { rowsPerBatch } from '../rows-per-batch.ts';

/** Removes the log of what was sent to a deleted endpoint, and what still was to be sent. */
export const purgeWebhookEndpoint = ({ transact }: { transact: Transact }): JobKind => ({
  tireless: true,

  async run(run) {
    const workspaceId = workspaceOf(run);
    const { endpointId } = readPayload<'purge-webhook-endpoint'>(run.payload, { endpointId: 'string' });
    await inBatches(
      run.signal,
      async () =>
        (await transact((writers) => writers.webhookDeliveries.purge(workspaceId, endpointId, rowsPerBatch))) <
        rowsPerBatch,
    );
  },
});
