/**
 * The limits on time that the server under test has: short enough that silence is met in seconds, long enough that a
 * busy machine is not taken for a silent provider.
 */
export const timeoutsMs = { connect: 5_000, firstToken: 5_000, idle: 5_000, total: 15_000 } as const;

export const timeoutVariables: Readonly<Record<string, string>> = {
  PARLEY_MODEL_CONNECT_TIMEOUT_MS: String(timeoutsMs.connect),
  PARLEY_MODEL_FIRST_TOKEN_TIMEOUT_MS: String(timeoutsMs.firstToken),
  PARLEY_MODEL_IDLE_TIMEOUT_MS: String(timeoutsMs.idle),
  PARLEY_MODEL_TOTAL_TIMEOUT_MS: String(timeoutsMs.total),
};
