import type { ConnectionLoad, StoreObserver } from '../core/operations/store-observer.ts';
import type { Store } from '../core/store.ts';
import type { Metrics } from '../http/metrics.ts';

const syncBucketsSeconds = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
/** As many as one batch may hold. */
const unitBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** Of SQLite's one writer. */
export const measureCommits = (metrics: Metrics): StoreObserver => {
  const commit = metrics.addCounter(['sqlite_commits_total', 'Transactions that were committed.'], [])({});
  const batch = metrics.addHistogram(['sqlite_commit_units', 'Writes of turns and events that shared one commit.'], {
    labels: [],
    buckets: unitBuckets,
  })({});
  const sync = metrics.addHistogram(
    ['sqlite_sync_duration_seconds', 'How long the disk took to keep what was committed.'],
    { labels: [], buckets: syncBucketsSeconds },
  )({});
  return {
    committed: () => commit(),
    batched: (units) => batch(units),
    synced: (durationMs) => sync(durationMs / 1_000),
  };
};

/** Of PostgreSQL's pools: `main` for all but long reads. */
export const measureConnections = (metrics: Metrics, connections: Store['connections']): void => {
  if (connections === null) return;
  const gauges = (name: string, help: string, of: (load: ConnectionLoad) => number): void =>
    metrics.addGauges(
      [`postgres_${name}`, help],
      'pool',
      () => new Map([...connections()].map(([pool, load]) => [pool, of(load)])),
    );
  gauges('pool_size', 'Connections that this server may have.', ({ size }) => size);
  gauges(
    'connections_in_use',
    'Connections that run a statement or hold a transaction.',
    ({ open, idle }) => open - idle,
  );
  gauges('connections_idle', 'Connections that are open and free.', ({ idle }) => idle);
  gauges('statements_waiting', 'Statements that wait for a connection.', ({ waiting }) => waiting);
};
