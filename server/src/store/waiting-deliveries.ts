import type { ClaimedDelivery } from '../core/webhook/webhook-delivery.ts';

/** Nobody has attempted it. */
export const isWaiting = ({ status, attempts }: ClaimedDelivery): boolean => status === 'pending' && attempts === 0;

/** One that waits where too much waits already. */
export const droppedDelivery = (delivery: ClaimedDelivery, at: number): ClaimedDelivery => ({
  ...delivery,
  status: 'dropped',
  nextAttemptAt: null,
  lastAttempt: { at, responseStatus: null, durationMs: null, error: 'queue_full' },
  endedAt: at,
});
