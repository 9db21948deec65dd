import type { JobKindName, JobPayloads } from '../core/job/job-kinds.ts';
import type { Json } from '../core/json.ts';

/** What a kind of job is run with. */
export type JobRun = {
  /** Null for work that is no tenant's. */
  workspaceId: string | null;
  payload: Json;
  /** How often it was begun, this time included, since a piece of its work was last done. */
  attempts: number;
  /** Aborted when the server stops or the lease is lost: what is left is done by the next attempt. */
  signal: AbortSignal;
};

/**
 * `background`: waits for others, as for models, or may take long, and must not hold up what people wait for. `reading`:
 * reads sources, which may be large, piece by piece and in turns between workspaces. `embedding`: waits for the one embedding
 * model of the server, which all workspaces share; where it is silent, nothing else waits with it.
 */
export type JobLane = 'main' | 'background' | 'reading' | 'embedding';

export type JobKind = {
  /** Never given up, however often it fails: what was deleted must be gone in the end. */
  tireless?: true;
  /** Where it is run; see `worker.ts`. The main one by default. */
  lane?: JobLane;
  /** Dropped, and not put aside, after so many attempts: something else brings the work up again. */
  lapsesAfter?: number;
  /**
   * Runs one job. It may be run again from its start at any point, so every step must be harmless when repeated. With
   * `resumeAt` it has done a piece of its work and is run again then, behind whoever waits by that time; with `attempts` it
   * has not got on, and was begun so often by then; with `payload` it goes on with that, though another with its key waits.
   */
  run(run: JobRun): Promise<{ resumeAt: number; attempts?: number; payload?: Json } | null | void>;
  /** Called before a job goes to the dead ones, for whoever waits for its result. */
  giveUp?(run: JobRun): Promise<void>;
};

/** Every kind by its name. */
export type JobKinds = { readonly [Kind in JobKindName]: JobKind };

/** A job that no further attempt can help: it goes to the dead ones at once. */
export class HopelessJob extends Error {
  override readonly name = 'HopelessJob';
}

/** The payload's fields, where all of them are there with the type of the sample. */
export const readPayload = <Kind extends JobKindName>(
  payload: Json,
  sample: { [Field in keyof JobPayloads[Kind]]: 'string' | 'number' },
): JobPayloads[Kind] => {
  const fields = typeof payload === 'object' && payload !== null && !Array.isArray(payload) ? payload : {};
  for (const [name, type] of Object.entries<'string' | 'number'>(sample)) {
    if (typeof fields[name] !== type) throw new HopelessJob(`the payload has no ${type} "${name}"`);
  }
  return fields as JobPayloads[Kind];
};

/** The workspace of a job that must have one. */
export const workspaceOf = (run: JobRun): string => {
  if (run.workspaceId === null) throw new HopelessJob('the job names no workspace');
  return run.workspaceId;
};
