import type { Lease } from '../../core/turn/turn.ts';

/** When a lease that is taken or renewed at `at` runs out: the one place that says whose clock leases go by. */
export const leaseUntil = (lease: Lease, at: number): number => at + lease.durationMs;
