import type { Json } from '../json.ts';

/** Work outside a request: a row with a lease, run at least once. */
export type Job = {
  id: string;
  workspaceId: string | null;
  kind: string;
  payload: Json;
  /** How often it was begun. */
  attempts: number;
  /** Grows with every claim; the holder of an older one can write nothing. */
  fence: number;
};

export type NewJob = {
  workspaceId: string | null;
  kind: string;
  payload: Json;
  /** While a job with this key waits, another is not added. */
  dedupeKey?: string;
  /** Not before this time; now by default. */
  runAt?: number;
};

/** Adds work inside the transaction that made it necessary. */
export interface JobQueue {
  enqueue(job: NewJob): Promise<void>;
}

/** The worker's side. */
export interface JobStore {
  /** Takes the oldest job that is due, or whose lease ran out, for `leaseMs`. */
  claim(owner: string, leaseMs: number): Promise<Job | null>;
  /** Lengthens the lease; false where the job was taken over. */
  renew(job: Job, leaseMs: number): Promise<boolean>;
  complete(job: Job): Promise<void>;
  /** Puts it back until `runAt`, or to the dead ones where `runAt` is null. */
  fail(job: Job, error: string, runAt: number | null): Promise<void>;
}
