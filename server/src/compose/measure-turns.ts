import type { TakeOverReason, TurnObserver } from '../core/turn/turn-observer.ts';
import type { Turn, TurnStatus } from '../core/turn/turn.ts';
import { type Count, durationBucketsSeconds, type Metrics, type Observe } from '../http/metrics.ts';

type ErrorCode = NonNullable<Turn['errorCode']>;
type EndStatus = Exclude<TurnStatus, 'queued' | 'running'>;

const endStatuses: readonly EndStatus[] = ['completed', 'failed', 'cancelled', 'interrupted'];
/** What is there from the start, so that a rule sees the first of them. */
const usualFailures: readonly ErrorCode[] = [
  'internal_error',
  'model_error',
  'model_timeout',
  'model_unavailable',
  'message_too_long',
  'quota_exceeded',
];
const takeOverReasons: readonly TakeOverReason[] = ['expired', 'released', 'waiting'];

type TurnMeasures = Pick<TurnObserver, 'ended' | 'waited' | 'takenOver' | 'endRefused' | 'storeFailed'> & {
  leaseLost: () => void;
};

/** Counts what becomes of turns in this process. Every series is made here, so that a turn makes none. */
export const measureTurns = (metrics: Metrics): TurnMeasures => {
  const counter = metrics.addCounter(['turns_total', 'Turns that ended here, by how.'], ['outcome']);
  const histogram = metrics.addHistogram(
    ['turn_duration_seconds', 'From the message of a turn to its end, the wait for its conversation included.'],
    { labels: ['outcome'], buckets: durationBucketsSeconds },
  );
  const ends = new Map<TurnStatus, { count: Count; observe: Observe }>(
    endStatuses.map((outcome) => [outcome, { count: counter({ outcome }), observe: histogram({ outcome }) }]),
  );
  const failures = metrics.addCounter(
    ['turn_failures_total', 'Turns that failed here, by the code of the error.'],
    ['code'],
  );
  // codes are those of the catalogue, of which turns end with few
  const failuresByCode = new Map<string, Count>(usualFailures.map((code) => [code, failures({ code })]));
  const observeWait = metrics.addHistogram(
    ['turn_wait_seconds', 'How long turns waited that had to wait for their conversation.'],
    { labels: [], buckets: durationBucketsSeconds },
  )({});
  const takeOvers = metrics.addCounter(
    ['turn_takeovers_total', 'Turns of other owners that were taken up here.'],
    ['reason'],
  );
  const takenOver = Object.fromEntries(takeOverReasons.map((reason) => [reason, takeOvers({ reason })])) as Record<
    TakeOverReason,
    Count
  >;
  const single = (name: string, help: string): Count => metrics.addCounter([name, help], [])({});
  const countRefusedEnd = single(
    'turn_ends_refused_total',
    'Ends of turns that the store did not take: another owner had the turn, or it was deleted.',
  );
  const countLostLease = single('turn_leases_lost_total', 'Turns that ran here when their lease was found to be gone.');
  const countStoreFailure = single(
    'turn_store_failures_total',
    'Times that the store could not serve a turn, for a read or a write.',
  );
  return {
    ended({ status, errorCode, createdAt, completedAt }) {
      const end = ends.get(status);
      end?.count();
      if (completedAt !== null) end?.observe(Math.max(0, completedAt - createdAt) / 1_000);
      if (status !== 'failed') return;
      const code = errorCode ?? 'internal_error';
      let count = failuresByCode.get(code);
      if (!count) failuresByCode.set(code, (count = failures({ code })));
      count();
    },
    waited: (ms) => observeWait(ms / 1_000),
    takenOver: (reason) => takenOver[reason](),
    endRefused: () => countRefusedEnd(),
    storeFailed: () => countStoreFailure(),
    leaseLost: () => countLostLease(),
  };
};
