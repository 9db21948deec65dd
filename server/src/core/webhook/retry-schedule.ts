import type { WebhookDelivery } from './webhook-delivery.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Before the second attempt, the third … the tenth: ten attempts in 75.6 hours. A long outage of a weekend is outlived. */
export const retryPausesMs: readonly number[] = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

/** Up to a tenth more or less, so that what failed together does not come back together. */
const jitter = 0.1;
/** `Retry-After` may lengthen a pause up to this, and never shortens one. */
const maxRetryAfterMs = 24 * hour;

/** When the next attempt is due; null after the last. A test is attempted once: whoever sent it looks at the answer. */
export const nextAttemptAt = (
  { type, attempts }: Pick<WebhookDelivery, 'type' | 'attempts'>,
  { at, retryAfterMs, random }: { at: number; retryAfterMs: number | null; random: () => number },
): number | null => {
  const pauseMs = type === 'webhook.test' ? undefined : retryPausesMs[attempts - 1];
  if (pauseMs === undefined) return null;
  const spreadMs = pauseMs * (1 + jitter * (2 * random() - 1));
  return at + Math.round(Math.max(spreadMs, Math.min(retryAfterMs ?? 0, maxRetryAfterMs)));
};
