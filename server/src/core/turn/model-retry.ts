import type { ChatModelError } from './chat-model.ts';

export type ModelRetryPolicy = {
  /** Requests to one candidate, the first included. */
  triesPerCandidate: number;
  /** Wait before the second try; doubled for each further one, then drawn between half of it and all of it. */
  baseDelayMs: number;
  /** A provider that asks for a longer wait than this is not asked again; the next candidate is. */
  maxDelayMs: number;
};

export const defaultModelRetryPolicy: ModelRetryPolicy = { triesPerCandidate: 2, baseDelayMs: 250, maxDelayMs: 5000 };

/**
 * How long to wait before the same candidate is asked again, in milliseconds; null where it must not be. `tries` were
 * made, `random` is between 0 and 1.
 */
export const retryDelay = (
  error: ChatModelError,
  policy: ModelRetryPolicy,
  progress: { tries: number; random: number },
): number | null => {
  if (!error.retryable || progress.tries >= policy.triesPerCandidate) return null;
  if (error.retryAfterMs !== null && error.retryAfterMs > policy.maxDelayMs) return null;
  const backoff = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (progress.tries - 1));
  const jittered = backoff * (0.5 + progress.random / 2);
  return Math.round(Math.max(jittered, error.retryAfterMs ?? 0));
};

/** Waits, or ends early, without an error, when the signal is aborted. */
export const pause = (delayMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    signal.addEventListener('abort', end, { once: true });
  });
