/** What the operator may want to know of the store's own work. Told on every turn's path: it must cost next to nothing, and not throw. */
export interface StoreObserver {
  /** A transaction was committed. */
  committed(): void;
  /** So many units of work shared one of these commits. */
  batched(units: number): void;
  /** Commits were brought to the disk. */
  synced(durationMs: number): void;
}

/** Connections of one pool to the database: `size` at most, `open` of them are there, and `idle` of those are free. */
export type ConnectionLoad = { size: number; open: number; idle: number; waiting: number };
