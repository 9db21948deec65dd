import type { TurnStore } from '../core/turn/turn-store.ts';
import type { Failpoint } from '../kit/failpoint.ts';

/** Turns whose commits are places at which the process can be made to fail. What lies before one is the store's own. */
export const reportingTurns = (turns: TurnStore, failpoint: Failpoint): TurnStore => ({
  ...turns,
  async accept(input, onWritten) {
    const accepted = await turns.accept(input, onWritten);
    failpoint.reach('after_accept_commit');
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
