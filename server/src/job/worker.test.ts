import { jobKindNames } from '../core/job/job-kinds.ts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openTemporaryStore } from '../../test/temporary-store.ts';
import type { Job, NewJob } from '../core/job/job-store.ts';
import type { Store } from '../core/store.ts';
import { HopelessJob, type JobKind, type JobKinds, type JobRun } from './job-kind.ts';
import { startSchedule } from './schedule.ts';
import { wakeOnEnqueue } from './wake-on-enqueue.ts';
import { Worker, type WorkerOptions } from './worker.ts';

let store: Store;
let closeStore: () => Promise<void>;
let workers: Worker[] = [];
const failures: { job: Job; error: unknown; dead: boolean }[] = [];

beforeEach(async () => {
  ({ store, close: closeStore } = await openTemporaryStore());
  workers = [];
  failures.length = 0;
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop(1_000)));
  await closeStore();
});

/** A store that is far away, and a machine that has much to do. */
const waiting = { timeout: 10_000 };

const idle: JobKind = { run: async () => undefined };
const kindsOf = (purgeConversation: JobKind): JobKinds => ({
  'remember-conversation': idle,
  'pack-conversation': idle,
  'sweep-memory': idle,
  'process-source': idle,
  'embed-source': idle,
  'prune-vectors': idle,
  'sync-embeddings': idle,
  'purge-source': idle,
  'purge-bot': idle,
  'purge-workspace': idle,
  'purge-webhook-endpoint': idle,
  'prune-expired': idle,
  'erase-user': idle,
  'erase-traces': idle,
  'enforce-retention': idle,
  'renew-secrets': idle,
  'purge-conversation': purgeConversation,
});

const startWorker = (kind: JobKind, options: Partial<WorkerOptions> = {}): Worker => {
  const worker = new Worker({
    jobs: store.jobs,
    kinds: kindsOf(kind),
    owner: `node_${workers.length}`,
    clock: Date.now,
    onFailure: (failure) => failures.push(failure),
    onStoreError: (error) => {
      throw error;
    },
    ...options,
  });
  workers.push(worker);
  worker.start();
  return worker;
};

const jobOf = (id: string): NewJob => ({
  workspaceId: 'ws_a',
  kind: 'purge-conversation',
  payload: { conversationId: id },
});
const enqueue = (...ids: string[]) =>
  store.transact(async (writers) => {
    for (const id of ids) await writers.jobs.enqueue(jobOf(id));
  });
const idOf = (run: JobRun): string => (run.payload as { conversationId: string }).conversationId;
/** What is left to claim, whoever had it. */
const left = () => store.jobs.claim('node_test', 60_000);

const gate = () => Promise.withResolvers<void>();

test('every job is run with its workspace and payload, and then it is gone', async () => {
  const runs: JobRun[] = [];
  await enqueue('a', 'b', 'c', 'd', 'e');
  startWorker({ run: async (run) => void runs.push(run) });
  await vi.waitFor(() => expect(runs).toHaveLength(5), waiting);
  expect(runs.map((run) => idOf(run)).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(runs[0]?.workspaceId).toBe('ws_a');
  await vi.waitFor(async () => expect(await left()).toBeNull(), waiting);
});

test('a job that is added by a committed transaction starts without waiting for the next look', async () => {
  const done = gate();
  const worker = startWorker({ run: async () => done.resolve() }, { pollEveryMs: 3_600_000 });
  await enqueue('unannounced');
  const transact = wakeOnEnqueue(store.transact, () => worker.wake());
  await transact((writers) => writers.jobs.enqueue(jobOf('announced')));
  await expect(done.promise).resolves.toBeUndefined();
});

test('a transaction that fails wakes nobody', async () => {
  const wake = vi.fn<() => void>();
  const transact = wakeOnEnqueue(store.transact, wake);
  const failing = transact(async (writers) => {
    await writers.jobs.enqueue(jobOf('a'));
    throw new Error('undone');
  });
  await expect(failing).rejects.toThrow('undone');
  expect(wake).not.toHaveBeenCalled();
});

test('no more jobs run at once than allowed', async () => {
  let running = 0;
  let most = 0;
  let ended = 0;
  const full = Promise.withResolvers<void>();
  await enqueue(...Array.from({ length: 12 }, (_, at) => `${at}`));
  startWorker(
    {
      async run() {
        running += 1;
        most = Math.max(most, running);
        if (running === 3) full.resolve();
        await full.promise;
        await new Promise((resolve) => {
          setTimeout(resolve, 5);
        });
        running -= 1;
        ended += 1;
      },
    },
    { concurrency: 3 },
  );
  await vi.waitFor(() => expect(ended).toBe(12), waiting);
  expect(most).toBe(3);
});

test('a job that fails is put off and tried again', async () => {
  let time = Date.now();
  const tries: number[] = [];
  await enqueue('a');
  const kind: JobKind = {
    async run() {
      tries.push(time);
      if (tries.length < 3) throw new Error('no luck');
    },
  };
  // the delay is counted from a clock in the past, so that the job is due again at once
  startWorker(kind, { clock: () => time - 3_600_000, pollEveryMs: 10 });
  await vi.waitFor(() => expect(tries).toHaveLength(3), waiting);
  time += 1;
  await vi.waitFor(async () => expect(await left()).toBeNull(), waiting);
  expect(failures.map(({ dead }) => dead)).toEqual([false, false]);
});

test('a job that keeps failing is given up after its last attempt', async () => {
  const gaveUp = vi.fn<() => Promise<void>>(async () => undefined);
  let tries = 0;
  await enqueue('a');
  const kind: JobKind = {
    async run() {
      tries += 1;
      throw new Error('never');
    },
    giveUp: gaveUp,
  };
  startWorker(kind, { clock: () => Date.now() - 86_400_000, pollEveryMs: 10 });
  await vi.waitFor(() => expect(gaveUp).toHaveBeenCalledTimes(1), waiting);
  await vi.waitFor(
    async () => expect(await store.jobs.removeLeft(jobKindNames, Date.now() + 1_000, 10)).toBe(1),
    waiting,
  );
  expect(tries).toBe(8);
  expect(failures.at(-1)?.dead).toBe(true);
});

test('a hopeless job is not tried twice, and one of an unknown kind is left to whoever knows it', async () => {
  await store.transact(async (writers) => {
    await writers.jobs.enqueue({ ...jobOf('a'), kind: 'paint-the-wall' } as never);
    await writers.jobs.enqueue({ ...jobOf('b'), kind: 'toString' } as never);
    await writers.jobs.enqueue(jobOf('hopeless'));
  });
  startWorker({
    run: async () => {
      throw new HopelessJob('no such thing');
    },
  });
  await vi.waitFor(() => expect(failures.map(({ dead }) => dead)).toEqual([true]), waiting);
  let dead = 0;
  // it may be put aside behind the first look
  const kinds = [...jobKindNames, 'paint-the-wall', 'toString'];
  await vi.waitFor(
    async () => expect((dead += await store.jobs.removeLeft(kinds, Date.now() + 1_000, 10))).toBe(1),
    waiting,
  );
  expect(await store.jobs.claim('node_newer', 1_000)).toMatchObject({ kind: 'paint-the-wall', attempts: 1 });
  expect(await store.jobs.claim('node_newer', 1_000)).toMatchObject({ kind: 'toString', attempts: 1 });
});

test('a job that nobody has known for long is removed, and none that somebody will do', async () => {
  await store.transact(async (writers) => {
    await writers.jobs.enqueue({ ...jobOf('a'), kind: 'paint-the-wall' } as never);
    await writers.jobs.enqueue(jobOf('b'));
  });
  expect(await store.jobs.removeLeft(jobKindNames, Date.now() - 60_000, 10)).toBe(0);
  expect(await store.jobs.removeLeft(jobKindNames, Date.now() + 1_000, 10)).toBe(1);
  expect(await store.jobs.claim('node_a', 1_000)).toMatchObject({ payload: jobOf('b').payload });
  expect(await store.jobs.claim('node_a', 1_000)).toBeNull();
});

test('a job that took its workers down too often is not begun again', async () => {
  await enqueue('poison');
  for (let crashes = 0; crashes < 8; crashes++) await store.jobs.claim('node_crashed', -1);
  const run = vi.fn<() => Promise<void>>(async () => undefined);
  startWorker({ run });
  await vi.waitFor(() => expect(failures).toHaveLength(1), waiting);
  expect(failures[0]?.dead).toBe(true);
  expect(run).not.toHaveBeenCalled();
});

test('a long job keeps its lease by renewing it', async () => {
  const release = gate();
  const renew = vi.fn<Store['jobs']['renew']>((job, leaseMs) => store.jobs.renew(job, leaseMs));
  await enqueue('long');
  startWorker({ run: () => release.promise }, { jobs: { ...store.jobs, renew }, leaseMs: 300 });
  await vi.waitFor(() => expect(renew.mock.calls.length).toBeGreaterThan(1), { timeout: 10_000 });
  release.resolve();
  await vi.waitFor(async () => expect(await left()).toBeNull(), waiting);
});

test('who has lost a lease is told to stop', async () => {
  const aborted = gate();
  await enqueue('a');
  startWorker(
    {
      run: ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted.resolve();
            reject(signal.reason as Error);
          });
        }),
    },
    { jobs: { ...store.jobs, renew: () => Promise.resolve(false) }, leaseMs: 30 },
  );
  await expect(aborted.promise).resolves.toBeUndefined();
});

test('stopping tells running jobs, waits for them, and leaves what they had not done to the next worker', async () => {
  const begun = gate();
  await enqueue('a');
  const worker = startWorker({
    run: ({ signal }) =>
      new Promise((_resolve, reject) => {
        begun.resolve();
        signal.addEventListener('abort', () => setTimeout(() => reject(signal.reason as Error), 20));
      }),
  });
  await begun.promise;
  await worker.stop(10_000);
  expect(await left()).toMatchObject({ payload: { conversationId: 'a' }, attempts: 1 });
  expect(failures).toEqual([]);
});

test('stopping does not wait for ever', async () => {
  const begun = gate();
  const release = gate();
  await enqueue('stubborn');
  const worker = startWorker({
    async run() {
      begun.resolve();
      await release.promise;
    },
  });
  await begun.promise;
  await worker.stop(20);
  expect(await left()).toBeNull();
  release.resolve();
  await vi.waitFor(async () => expect(await left()).toBeNull(), waiting);
});

test('nothing is begun after the stop', async () => {
  const run = vi.fn<() => Promise<void>>(async () => undefined);
  const worker = startWorker({ run }, { pollEveryMs: 5 });
  await worker.stop(1_000);
  await enqueue('late');
  worker.wake();
  expect(await left()).toMatchObject({ payload: { conversationId: 'late' } });
  expect(run).not.toHaveBeenCalled();
});

test('the schedule adds each of its jobs once, however often it comes round while the job waits', async () => {
  const rounds: Promise<unknown>[] = [];
  const transact: Store['transact'] = (work) => {
    const round = store.transact(work);
    rounds.push(round);
    return round;
  };
  const errors: unknown[] = [];
  const schedule = startSchedule({ transact, onError: (error) => errors.push(error), everyMs: 50 });
  await vi.waitFor(() => expect(rounds.length).toBeGreaterThan(12), waiting);
  schedule.stop();
  await Promise.all(rounds);
  expect(errors).toEqual([]);
  const kinds: string[] = [];
  for (let job = await left(); job !== null; job = await left()) kinds.push(job.kind);
  expect(kinds.toSorted()).toEqual(['enforce-retention', 'prune-expired', 'sweep-memory', 'sync-embeddings']);
});

test('what waits for others does not hold up what people wait for', async () => {
  const held = gate();
  const done: string[] = [];
  const background: JobKind = { lane: 'background', run: () => held.promise };
  const kinds = { ...kindsOf({ run: async (run) => void done.push(idOf(run)) }), 'remember-conversation': background };
  await store.transact(async ({ jobs }) => {
    for (const conversationId of ['a', 'b', 'c']) {
      await jobs.enqueue({ workspaceId: 'ws_a', kind: 'remember-conversation', payload: { conversationId } });
    }
  });
  await enqueue('purged');
  startWorker(idle, { kinds });
  await vi.waitFor(() => expect(done).toEqual(['purged']), waiting);
  held.resolve();
  await vi.waitFor(async () => expect(await left()).toBeNull(), waiting);
});

test('one workspace whose models are slow leaves room for what another waits for', async () => {
  const held = gate();
  const begun: string[] = [];
  const background: JobKind = {
    lane: 'background',
    run(run) {
      begun.push(`${run.workspaceId} ${idOf(run)}`);
      return held.promise;
    },
  };
  await store.transact(async ({ jobs }) => {
    for (const [workspaceId, conversationId] of [
      ['ws_a', 'a'],
      ['ws_a', 'b'],
      ['ws_a', 'c'],
      ['ws_b', 'd'],
    ] as const) {
      await jobs.enqueue({ workspaceId, kind: 'remember-conversation', payload: { conversationId } });
    }
  });
  startWorker(idle, { kinds: { ...kindsOf(idle), 'remember-conversation': background } });
  await vi.waitFor(() => expect(begun).toEqual(['ws_a a', 'ws_b d']), waiting);
  held.resolve();
  await vi.waitFor(async () => expect(await left()).toBeNull(), waiting);
});

test('one workspace whose documents are slow to read leaves a slot to what another adds later', async () => {
  const held = gate();
  const begun: string[] = [];
  const reading: JobKind = {
    lane: 'reading',
    run(run) {
      begun.push(run.workspaceId ?? '');
      return held.promise;
    },
  };
  const add = (workspaceId: string, sourceId: string) =>
    store.transact(({ jobs }) =>
      jobs.enqueue({ workspaceId, kind: 'process-source', payload: { botId: 'bot_a', sourceId, revision: 1 } }),
    );
  for (let at = 0; at < 6; at += 1) await add('ws_a', `src_${at}`);
  const worker = startWorker(idle, { kinds: { ...kindsOf(idle), 'process-source': reading } });
  await vi.waitFor(() => expect(begun).toHaveLength(3), waiting);
  await add('ws_b', 'src_b');
  worker.wake();
  await vi.waitFor(() => expect(begun).toEqual(['ws_a', 'ws_a', 'ws_a', 'ws_b']), waiting);
  held.resolve();
  await vi.waitFor(() => expect(begun.filter((id) => id === 'ws_a')).toHaveLength(6), waiting);
  await vi.waitFor(async () => expect(await left()).toBeNull(), waiting);
});

test('work that something else brings up again is dropped after its attempts, and not put aside', async () => {
  let runs = 0;
  const failing: JobKind = {
    lapsesAfter: 1,
    run() {
      runs += 1;
      return Promise.reject(new Error('the model is away'));
    },
  };
  await enqueue('a');
  startWorker(failing);
  await vi.waitFor(() => expect(failures).toMatchObject([{ dead: true }]), waiting);
  await vi.waitFor(
    async () => expect(await store.jobs.removeLeft(jobKindNames, Date.now() + 60_000, 10)).toBe(0),
    waiting,
  );
  expect(await left()).toBeNull();
  expect(runs).toBe(1);
});
