import type { Lease } from './turn.ts';
import type { TurnRunner } from './turn-runner.ts';
import type { TurnStore } from './turn-store.ts';

/** Waiting turns of an earlier process whose readers are to find them here; others are found once they run. */
const maxWaiting = 10_000;
/** Turns taken over at once; the rest follows in the next round. */
const maxTaken = 100;

/**
 * Keeps the leases of this process's turns, and takes over turns that nobody holds any more. What this process runs is
 * never taken by it, so that one that was held up does not rob itself. Looking may take longer than a lease lasts, so
 * renewals do not wait for it.
 */
export class TurnSweeper {
  readonly #turns: TurnStore;
  readonly #runner: TurnRunner;
  readonly #lease: Lease;
  readonly #historyLimit: number;
  readonly #onError: (error: unknown) => void;
  readonly #onLost: () => void;
  #timer: NodeJS.Timeout | null = null;
  #renewing: Promise<void> | null = null;
  #sweeping: Promise<void> | null = null;

  constructor(parts: {
    turns: TurnStore;
    runner: TurnRunner;
    lease: Lease;
    historyLimit: number;
    onError: (error: unknown) => void;
    /** A lease of a turn that runs here is gone. */
    onLost?: () => void;
  }) {
    this.#turns = parts.turns;
    this.#runner = parts.runner;
    this.#lease = parts.lease;
    this.#historyLimit = parts.historyLimit;
    this.#onError = parts.onError;
    this.#onLost = parts.onLost ?? (() => {});
  }

  /**
   * Takes what an earlier process left behind, then goes on looking three times in the length of a lease.
   * `soleOwner`: only one process can have the store open, so every turn of another owner is abandoned.
   */
  async start(options: { soleOwner: boolean }): Promise<void> {
    await this.#takeOver(options.soleOwner);
    if (options.soleOwner) {
      for (const turn of await this.#turns.listWaiting(maxWaiting)) this.#runner.enqueue(turn);
    }
    this.#timer = setInterval(() => {
      // one at a time of each: what an earlier one learns late must not be held against what a later one did
      this.#renewing ??= this.#renew()
        .catch(this.#onError)
        .finally(() => (this.#renewing = null));
      this.#sweeping ??= this.#takeOver(false)
        .catch(this.#onError)
        .finally(() => (this.#sweeping = null));
    }, this.#lease.durationMs / 3);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await Promise.all([this.#renewing, this.#sweeping]);
  }

  async #renew(): Promise<void> {
    const held = this.#runner.live
      .running()
      .flatMap(({ turn, run }) => (run ? [{ workspaceId: turn.workspaceId, turnId: turn.id, fence: turn.fence }] : []));
    if (held.length === 0) return;
    const { lost, stops } = await this.#turns.renew(held, this.#lease, Date.now());
    for (const { turnId, request } of stops) this.#runner.stop(turnId, request);
    const ofHeld = new Map(held.map(({ turnId, fence }) => [turnId, fence]));
    for (const turnId of lost) {
      // one that was lost and taken back in the meantime goes on
      if (this.#runner.live.get(turnId)?.turn.fence !== ofHeld.get(turnId)) continue;
      this.#onLost();
      this.#runner.stop(turnId, 'cancel');
    }
  }

  async #takeOver(soleOwner: boolean): Promise<void> {
    while (!this.#runner.draining) {
      const taken = await this.#turns.takeOver({
        lease: this.#lease,
        soleOwner,
        except: this.#runner.live.running().map(({ turn }) => turn.id),
        historyLimit: this.#historyLimit,
        limit: maxTaken,
        at: Date.now(),
      });
      for (const turn of taken) this.#runner.resume(turn);
      if (taken.length < maxTaken) return;
    }
  }
}
