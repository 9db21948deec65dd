/** Where a command speaks. `answer` is what was asked for, on standard output; `note` is for the human, on standard error. */
export type Terminal = { answer(line: string): void; note(line: string): void };

/** A command gets what stands behind its name; its number is the exit code. */
export type Command = (args: string[], terminal: Terminal) => Promise<number>;

export const exitCodes = { done: 0, failed: 1, misused: 2 } as const;

/** What the operator can mend: shown without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** A command line that says nothing Parley knows. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
