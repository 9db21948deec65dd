/**
 * Named places at which a test ends the process or holds it still, to see what a crash leaves exactly there. They are on
 * only by configuration, and never in production; without one there is no `Failpoint`, and the places are not even passed.
 */

/** In the order of a turn's life; ARCHITECTURE.md says what each leaves behind. */
export const failpointNames = [
  'before_accept_commit',
  'after_accept_commit',
  'after_first_piece',
  'after_partial_kept',
  'before_finish_commit',
  'after_finish_commit',
  'before_delivery',
  'after_delivery',
] as const;

export type FailpointName = (typeof failpointNames)[number];

/** `kill`: SIGKILL, so that nothing of the program has a say. `pause`: SIGSTOP, until somebody sends SIGCONT. */
export const failpointActions = { kill: 'SIGKILL', pause: 'SIGSTOP' } as const;

export type FailpointPlan = Readonly<{
  name: FailpointName;
  action: keyof typeof failpointActions;
  /** The how-manieth time it is reached; earlier and later ones are passed. */
  at: number;
}>;

export type Failpoint = {
  /** Passes, or does not return. */
  reach(name: FailpointName): void;
};

export const createFailpoint = (plan: FailpointPlan): Failpoint => {
  let reached = 0;
  return {
    reach(name) {
      if (name !== plan.name) return;
      reached += 1;
      // a signal to oneself arrives before the call returns
      if (reached === plan.at) process.kill(process.pid, failpointActions[plan.action]);
    },
  };
};
