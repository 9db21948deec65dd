/** What the whole installation has left to do outside requests. A count stops at `maxCounted`: it is that or more. */
export type Backlog = {
  jobs: {
    waiting: ReadonlyMap<string, number>;
    running: ReadonlyMap<string, number>;
    dead: ReadonlyMap<string, number>;
    /** For how long the one has been due that has waited longest, in milliseconds; null where none is due. */
    oldestDueMs: number | null;
  };
  webhooks: {
    /** Events that were not yet turned into deliveries. */
    events: number;
    deliveries: number;
    /** Since the oldest event that is still to be delivered, among those counted, in milliseconds; null where there is none. */
    oldestMs: number | null;
  };
};

/** Beyond that it does not matter how many there are, and counting them would cost. */
export const maxCounted = 10_000;

export interface BacklogReader {
  /** Costs some ten milliseconds of the database at most, however much there is. */
  read(): Promise<Backlog>;
}
