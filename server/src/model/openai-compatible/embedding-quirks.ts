import type { ProviderFault } from '../exchange/provider-fault.ts';

/** How one embedding model wants to be asked, where servers of the dialect differ. */
export type EmbeddingQuirks = {
  /** Whether vectors may be asked for as base64: a third of the bytes of numbers in JSON. */
  readonly base64: boolean;
};

export const initialEmbeddingQuirks: EmbeddingQuirks = { base64: true };

/** What a refusal teaches; null where the form was not the fault. */
export const adaptEmbeddingTo = (fault: ProviderFault, quirks: EmbeddingQuirks): EmbeddingQuirks | null => {
  const refused = fault.status === 400 || fault.status === 422 || fault.status === 500;
  const words = `${fault.param} ${fault.code} ${fault.type} ${fault.message}`.toLowerCase();
  return refused && quirks.base64 && /encoding.?format|base64/.test(words) ? { base64: false } : null;
};
