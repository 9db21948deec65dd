import { jobKindNames } from '../core/job/job-kinds.ts';
import type { Backlog, BacklogReader } from '../core/operations/backlog.ts';
import type { DeliveryStatus } from '../core/webhook/webhook-delivery.ts';
import type { Count, Metrics } from '../http/metrics.ts';
import { keepReading } from '../kit/kept-reading.ts';

/** Several Prometheus servers that ask at once, or often, cost the database one reading. */
const freshMs = 10_000;
/** Prometheus waits for ten seconds by default, and the other figures are not to be missed for these. */
const waitMs = 3_000;

const kinds: ReadonlySet<string> = new Set(jobKindNames);
/** Of a newer version, or of one that is gone. */
const unknownKind = 'other';

/** What the installation has left to do; the same on every server. Read when the metrics are, and at most every ten seconds. */
export const measureBacklog = (
  metrics: Metrics,
  { reader, onError }: { reader: BacklogReader; onError: (error: unknown) => void },
): void => {
  const read = keepReading(() => reader.read(), { freshMs, waitMs, onError });
  const jobs = (status: 'waiting' | 'running' | 'dead', help: string): void =>
    metrics.addGauges([`jobs_${status}`, help], 'kind', async () => byKind((await read())?.jobs[status]));
  jobs('waiting', 'Jobs that wait, for their time or for a worker, up to 10,000 of each kind.');
  jobs('running', 'Jobs that a server works on.');
  jobs('dead', 'Jobs that were given up, up to 10,000 of each kind.');
  const gauge = (name: string, help: string, of: (backlog: Backlog) => number): void =>
    metrics.addGauge(name, help, async () => {
      const backlog = await read();
      return backlog ? of(backlog) : NaN;
    });
  gauge(
    'jobs_oldest_due_seconds',
    'For how long the oldest job has been due that nobody has begun.',
    ({ jobs: left }) => secondsOf(left.oldestDueMs),
  );
  gauge(
    'webhook_events_waiting',
    'Events that were not yet made into deliveries, up to 10,000.',
    ({ webhooks }) => webhooks.events,
  );
  gauge(
    'webhook_deliveries_pending',
    'Deliveries that wait for their first or another attempt, up to 10,000.',
    ({ webhooks }) => webhooks.deliveries,
  );
  gauge('webhook_oldest_pending_seconds', 'Since the oldest event that is still to be delivered.', ({ webhooks }) =>
    secondsOf(webhooks.oldestMs),
  );
};

const secondsOf = (ms: number | null): number => (ms ?? 0) / 1_000;

/** Every kind, also where there is none, so that an alert sees the first. */
const byKind = (counts: ReadonlyMap<string, number> | undefined): Map<string, number> => {
  const figures = new Map<string, number>();
  if (!counts) return figures;
  for (const kind of jobKindNames) figures.set(kind, 0);
  for (const [kind, count] of counts) {
    const label = kinds.has(kind) ? kind : unknownKind;
    figures.set(label, (figures.get(label) ?? 0) + count);
  }
  return figures;
};

/** Counts how attempts at webhooks end in this process. */
export const measureAttempts = (metrics: Metrics): ((status: DeliveryStatus) => void) => {
  const attempts = metrics.addCounter(
    ['webhook_attempts_total', 'Attempts to deliver a webhook, by what came of the delivery.'],
    ['outcome'],
  );
  const counts: Record<DeliveryStatus, Count> = {
    delivered: attempts({ outcome: 'delivered' }),
    pending: attempts({ outcome: 'retried' }),
    failed: attempts({ outcome: 'failed' }),
    dropped: attempts({ outcome: 'dropped' }),
  };
  return (status) => counts[status]();
};

/** Counts attempts of jobs that fail in this process. */
export const measureJobs = (metrics: Metrics): ((kind: string, dead: boolean) => void) => {
  const failures = metrics.addCounter(
    ['job_failures_total', 'Attempts of jobs that failed, by whether another follows.'],
    ['kind', 'outcome'],
  );
  return (kind, dead) =>
    failures({ kind: kinds.has(kind) ? kind : unknownKind, outcome: dead ? 'given_up' : 'retried' })();
};
