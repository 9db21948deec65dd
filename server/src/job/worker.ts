import type { JobKindName } from '../core/job/job-kinds.ts';
import type { Job, JobSelection, JobStore } from '../core/job/job-store.ts';
import type { Clock } from '../kit/clock.ts';
import { describeError } from '../kit/logger.ts';
import { HopelessJob, type JobKind, type JobKinds, type JobLane, type JobRun } from './job-kind.ts';

/**
 * Jobs at once in each lane. They share the processor with turns: more would only make each of them slower. Those that read
 * sources wait for other servers most of the time.
 */
const defaultConcurrency: Readonly<Record<JobLane, number>> = { main: 2, background: 2, reading: 4, embedding: 2 };
const lanes: readonly JobLane[] = ['main', 'background', 'reading', 'embedding'];
/**
 * Where one workspace leaves a slot to others, however many of its own wait: a document is parsed in one piece of up to
 * half a minute, and a few of them would hold all slots for as long.
 */
const sharedLane: JobLane = 'reading';
/** A job whose worker died is taken over after this long; its lease is renewed at a third of it. */
const leaseMs = 30_000;
/** The look for jobs that nobody announced: those of other processes, those that are due later. */
const pollEveryMs = 1_000;
const maxAttempts = 8;
/** 1 s, 4 s, 16 s … up to an hour: a short trouble is over soon, a long one is not made worse. */
const firstRetryMs = 1_000;
const retryFactor = 4;
const maxRetryMs = 60 * 60 * 1_000;

export type WorkerOptions = {
  jobs: JobStore;
  kinds: JobKinds;
  /** The name under which leases are held; unique to the process. */
  owner: string;
  clock: Clock;
  /** What went wrong, for the log. `dead`: it will not be tried again. */
  onFailure: (failure: { job: Job; error: unknown; dead: boolean }) => void;
  /** The job table could not be read or written. */
  onStoreError: (error: unknown) => void;
  concurrency?: number;
  pollEveryMs?: number;
  leaseMs?: number;
};

type Running = { lane: JobLane; workspaceId: string | null; done: Promise<void>; abort: AbortController };

/** Runs the jobs of the store. A job is run at least once; one that keeps failing ends among the dead ones. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #running = new Set<Running>();
  #timer: NodeJS.Timeout | null = null;
  #started = false;
  /** Settles when no claim is under way; a wake-up meanwhile is noted in `#again`. */
  #claims: Promise<void> | null = null;
  #again = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#timer = setInterval(() => this.wake(), this.#options.pollEveryMs ?? pollEveryMs);
    this.#timer.unref();
    this.wake();
  }

  /** Looks for jobs now; call it after the commit of a transaction that has added one. */
  wake(): void {
    if (!this.#started) return;
    this.#again = true;
    this.#claims ??= this.#claimAll().finally(() => {
      this.#claims = null;
    });
  }

  /** Claims nothing more and waits for what runs; what takes longer than `timeoutMs` is left for the next start. */
  async stop(timeoutMs: number): Promise<void> {
    this.#started = false;
    if (this.#timer) clearInterval(this.#timer);
    for (const { abort } of this.#running) abort.abort();
    const ended = Promise.all([this.#claims, ...Array.from(this.#running, ({ done }) => done)]);
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([ended, timeout]);
    clearTimeout(timer);
  }

  get #freeLanes(): JobLane[] {
    if (!this.#started) return [];
    return lanes.filter((lane) => this.#runningIn(lane).length < this.#slotsOf(lane));
  }

  #slotsOf(lane: JobLane): number {
    return this.#options.concurrency ?? defaultConcurrency[lane];
  }

  #runningIn(lane: JobLane): Running[] {
    return [...this.#running].filter((job) => job.lane === lane);
  }

  /** Workspaces that have as many at work in the shared lane as one may. */
  get #sated(): string[] {
    const most = Math.max(1, this.#slotsOf(sharedLane) - 1);
    const byWorkspace = Map.groupBy(this.#runningIn(sharedLane), ({ workspaceId }) => workspaceId);
    return [...byWorkspace].flatMap(([id, running]) => (id !== null && running.length >= most ? [id] : []));
  }

  #kindsOf(lane: JobLane): JobSelection {
    const only = Object.entries(this.#options.kinds)
      .filter(([, kind]) => (kind.lane ?? 'main') === lane)
      .map(([name]) => name as JobKindName);
    if (lane === 'main') return { only };
    return { only, fair: true, except: lane === sharedLane ? this.#sated : [] };
  }

  async #claimAll(): Promise<void> {
    try {
      while (this.#again && this.#freeLanes.length > 0) {
        this.#again = false;
        for (const lane of lanes) await this.#claimIn(lane);
      }
    } catch (error) {
      this.#options.onStoreError(error);
    }
  }

  async #claimIn(lane: JobLane): Promise<void> {
    const { jobs, owner } = this.#options;
    while (this.#freeLanes.includes(lane)) {
      const job = await jobs.claim(owner, this.#leaseMs, this.#kindsOf(lane));
      if (!job) return;
      if (this.#started) this.#begin(job, lane);
      // the stop came while it was being claimed
      else await jobs.release(job);
    }
  }

  get #leaseMs(): number {
    return this.#options.leaseMs ?? leaseMs;
  }

  #begin(job: Job, lane: JobLane): void {
    const abort = new AbortController();
    const running: Running = {
      lane,
      workspaceId: job.workspaceId,
      abort,
      done: this.#run(job, abort)
        .catch((error: unknown) => this.#options.onStoreError(error))
        .finally(() => {
          this.#running.delete(running);
          this.wake();
        }),
    };
    this.#running.add(running);
  }

  async #run(job: Job, abort: AbortController): Promise<void> {
    const { jobs } = this.#options;
    const renewal = setInterval(() => void this.#renew(job, abort), this.#leaseMs / 3);
    renewal.unref();
    try {
      const pause = await this.#kindOf(job).run(runOf(job, abort.signal));
      await (pause ? jobs.resume(job, pause.resumeAt, pause) : jobs.complete(job));
    } catch (error) {
      await this.#fail(job, error, abort.signal);
    } finally {
      clearInterval(renewal);
    }
  }

  #findKind(job: Job): JobKind | undefined {
    const { kinds } = this.#options;
    return Object.hasOwn(kinds, job.kind) ? kinds[job.kind as keyof JobKinds] : undefined;
  }

  #kindOf(job: Job): JobKind {
    const kind = this.#findKind(job);
    if (!kind) throw new HopelessJob(`there is no kind of job "${job.kind}"`);
    // a job that takes its worker down with it never gets to fail
    if (job.attempts > maxAttempts && !kind.tireless)
      throw new HopelessJob(`it was begun ${job.attempts - 1} times and never ended`);
    return kind;
  }

  async #renew(job: Job, abort: AbortController): Promise<void> {
    try {
      if (!(await this.#options.jobs.renew(job, this.#leaseMs))) abort.abort();
    } catch (error) {
      this.#options.onStoreError(error);
    }
  }

  async #fail(job: Job, error: unknown, signal: AbortSignal): Promise<void> {
    const { jobs, clock, onFailure } = this.#options;
    if (signal.aborted && isAbort(error)) {
      // nothing went wrong: the rest is due as soon as somebody can do it
      await jobs.release(job);
      return;
    }
    const kind = this.#findKind(job);
    const spent = job.attempts >= (kind?.lapsesAfter ?? maxAttempts) && !kind?.tireless;
    const dead = error instanceof HopelessJob || spent;
    onFailure({ job, error, dead });
    if (dead) await this.#giveUp(job);
    if (dead && kind?.lapsesAfter !== undefined) {
      await jobs.complete(job);
      return;
    }
    await jobs.fail(job, describe(error), dead ? null : clock() + retryDelayMs(job.attempts));
  }

  /** Its failure must not keep the job among the living. */
  async #giveUp(job: Job): Promise<void> {
    try {
      await this.#findKind(job)?.giveUp?.(runOf(job, new AbortController().signal));
    } catch (error) {
      this.#options.onStoreError(error);
    }
  }
}

const runOf = ({ workspaceId, payload, attempts }: Job, signal: AbortSignal): JobRun => ({
  workspaceId,
  payload,
  attempts,
  signal,
});

/** Before the attempt after the `attempts`th, with up to a quarter more, so that many that failed together spread out. */
const retryDelayMs = (attempts: number): number =>
  Math.round(Math.min(maxRetryMs, firstRetryMs * retryFactor ** (attempts - 1)) * (1 + Math.random() / 4));

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

/** Its kind and place are enough to find the cause; a message may hold text of a tenant. */
const describe = (error: unknown): string => {
  if (error instanceof HopelessJob) return error.message;
  const { type, code } = describeError(error, 0);
  return code === undefined ? type : `${type} ${code}`;
};
