/** What follows a commit. A failure here must not be taken for one of the change, which stands. */
export const runEffects = (effects: readonly (() => void)[], onError: ((error: unknown) => void) | undefined): void => {
  for (const effect of effects) {
    try {
      effect();
    } catch (error) {
      onError?.(error);
    }
  }
};
