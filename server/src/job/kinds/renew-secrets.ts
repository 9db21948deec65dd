import { concludeRotation, type RotationParts } from '../../core/installation/secret-rotation.ts';
import { inBatches } from '../in-batches.ts';
import type { JobKind } from '../job-kind.ts';
import { rowsPerBatch } from '../rows-per-batch.ts';

/** Brings what is sealed under the current master secret, and ends its rotation once nothing stands under another. */
export const renewSecrets = (parts: RotationParts): JobKind => ({
  tireless: true,

  async run({ signal }) {
    await inBatches(signal, async () => {
      const renewed = await parts.transact((writers) => writers.encryptedSecrets.renewEncryption(rowsPerBatch));
      return renewed === 0;
    });
    await concludeRotation(parts);
  },
});
