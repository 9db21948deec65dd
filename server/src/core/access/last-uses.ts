import type { Clock } from '../../kit/clock.ts';
import type { Transact } from '../store.ts';

/** When secrets were last used, written now and then: a write for every request would cost more than the request. */
export interface LastUses {
  note(workspaceId: string, keyId: string, secretId: string): void;
  /** Writes what was noted since. Failures go to `onError` and are tried again with the next. */
  flush(): Promise<void>;
  /** Stops the clockwork and writes the rest. */
  close(): Promise<void>;
}

const flushEveryMs = 10_000;
/** Secrets noted between two writes; beyond it a use goes unnoticed until the next one. */
const maxNoted = 50_000;
/** Rows written in one transaction, so that turns do not wait behind it. */
const batchSize = 500;

type Use = { workspaceId: string; keyId: string; secretId: string; at: number };

export const createLastUses = (options: {
  transact: Transact;
  clock: Clock;
  onError: (error: unknown) => void;
}): LastUses => {
  const noted = new Map<string, Use>();

  const flush = async (): Promise<void> => {
    const uses = [...noted.values()];
    for (let start = 0; start < uses.length; start += batchSize) {
      const batch = uses.slice(start, start + batchSize);
      try {
        await options.transact((writers) => writers.keys.touch(batch));
        for (const use of batch) if (noted.get(use.secretId) === use) noted.delete(use.secretId);
      } catch (error) {
        options.onError(error);
        return;
      }
    }
  };

  let flushing: Promise<void> = Promise.resolve();
  const flushInTurn = (): Promise<void> => {
    flushing = flushing.then(flush);
    return flushing;
  };

  const timer = setInterval(() => void flushInTurn(), flushEveryMs);
  timer.unref();

  return {
    note(workspaceId, keyId, secretId) {
      const at = options.clock();
      const known = noted.get(secretId);
      // a second's truth is enough, and a busy key need not make garbage with each request
      if (known ? at - known.at < 1_000 : noted.size >= maxNoted) return;
      noted.set(secretId, { workspaceId, keyId, secretId, at });
    },
    flush: flushInTurn,
    async close() {
      clearInterval(timer);
      await flushInTurn();
    },
  };
};
