/** How one model of one provider wants to be asked. */
export type Quirks = {
  /** False where the model takes only its own temperature, as those that always think. */
  readonly temperature: boolean;
  /** The most tokens that it lets a reply have, as it has said; null while it has not. */
  readonly maxTokens: number | null;
};

export const initialQuirks = (): Quirks => ({ temperature: true, maxTokens: null });
