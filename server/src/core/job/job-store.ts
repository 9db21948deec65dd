import type { Json } from '../json.ts';
import type { JobKindName, JobPayloads } from './job-kinds.ts';

/** Work outside a request: a row with a lease, run at least once. */
export type Job = {
  id: string;
  workspaceId: string | null;
  /** As it was stored: a row may be of a kind that this version does not know. */
  kind: string;
  payload: Json;
  /** How often it was begun. */
  attempts: number;
  /** Grows with every claim; the holder of an older one can write nothing. */
  fence: number;
};

type NewJobOf<Kind extends JobKindName> = {
  workspaceId: string | null;
  kind: Kind;
  payload: JobPayloads[Kind];
  /**
   * While a job with this key waits, another is not added: the one that waits is due as early as the new one would be, and
   * its attempts begin anew, so that what failed before holds up nobody who asks again. While one with it runs, none is begun.
   */
  dedupeKey?: string;
  /** Not before this time; now by default. */
  runAt?: number;
};

export type NewJob = { [Kind in JobKindName]: NewJobOf<Kind> }[JobKindName];

/** Adds work inside the transaction that made it necessary. */
export interface JobQueue {
  enqueue(job: NewJob): Promise<void>;
}

/**
 * Kinds of jobs. One that nobody names is left to whoever knows it: a newer server beside this one. `fair`: first those of
 * workspaces of which none is running, so that much work of one leaves room for a little of another. `except`: none of these
 * workspaces.
 */
export type JobSelection = { only: readonly JobKindName[]; fair?: boolean; except?: readonly string[] };

/** The worker's side. */
export interface JobStore {
  /** Takes the oldest job that is due, or whose lease ran out, for `leaseMs`; of these kinds, or of any. */
  claim(owner: string, leaseMs: number, kinds?: JobSelection): Promise<Job | null>;
  /** Jobs of a kind that wait, by their workspaces, counted up to `limit` in all. */
  countWaiting(kind: JobKindName, limit: number): Promise<Map<string | null, number>>;
  /** Lengthens the lease; false where the job was taken over. */
  renew(job: Job, leaseMs: number): Promise<boolean>;
  complete(job: Job): Promise<void>;
  /** Puts it back until `runAt`, or to the dead ones where `runAt` is null. */
  fail(job: Job, error: string, runAt: number | null): Promise<void>;
  /**
   * Puts it back until `runAt`, as one that was begun `attempts` times: 0, where a piece of its work is done. Where another
   * with its key waits, that one does the rest, but for a rest that only the new `payload` tells of.
   */
  resume(job: Job, runAt: number, change?: { attempts?: number; payload?: Json }): Promise<void>;
  /** Puts it back, due at once, as if it had not been begun: its worker stops. */
  release(job: Job): Promise<void>;
  /**
   * Removes at most `limit` jobs that were made before `createdBefore`, dead ones and those that wait for somebody who knows
   * a kind that is none of these, or that nobody holds any more who did; gives their number.
   */
  removeLeft(known: readonly string[], createdBefore: number, limit: number): Promise<number>;
}
