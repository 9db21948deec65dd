/** Pauses between tries to store what a turn has come to; past the last the turn is left to whoever sweeps. */
export const storeRetryMs: readonly number[] = [50, 200, 500, 1_000, 2_000, 4_000];
