import type { TurnStore } from '../core/turn/turn-store.ts';
import type { Failpoint } from '../kit/failpoint.ts';

/** Turns whose commits are places at which the process can be made to fail. What lies before one is the store's own. */
export const reportingTurns = (turns: TurnStore, failpoint: Failpoint): TurnStore => ({
  ...turns,
  async accept(input, onWritten) {
    let reached = false;
    // a turn may begin while its commit is brought to the disk, and the place lies before that
    const reach = (): void => {
      if (!reached) failpoint.reach('after_accept_commit');
      reached = true;
    };
    const accepted = await turns.accept(input, (claimed) => {
      reach();
      onWritten?.(claimed);
    });
    reach();
    return accepted;
  },
  async keepPartial(input) {
    const kept = await turns.keepPartial(input);
    failpoint.reach('after_partial_kept');
    return kept;
  },
  async finish(input) {
    const finished = await turns.finish(input);
    failpoint.reach('after_finish_commit');
    return finished;
  },
});
