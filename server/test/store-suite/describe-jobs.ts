import { describe, expect, it } from 'vitest';
import { jobKindNames } from '../../src/core/job/job-kinds.ts';
import type { Job, JobSelection, NewJob } from '../../src/core/job/job-store.ts';
import { newId } from '../../src/kit/id.ts';
import type { CurrentStore } from './store-under-test.ts';

const leaseMs = 60_000;

const purge = (id: string, change: Partial<Pick<NewJob, 'dedupeKey' | 'runAt'>> = {}): NewJob => ({
  workspaceId: 'ws_a',
  kind: 'purge-conversation',
  payload: { conversationId: id },
  ...change,
});

export const describeJobs = (current: CurrentStore): void => {
  const jobs = () => current().store.jobs;
  const enqueue = (...added: NewJob[]) =>
    current().store.transact(async (writers) => {
      for (const job of added) await writers.jobs.enqueue(job);
    });
  const claim = () => jobs().claim('node_a', leaseMs);
  const claimed = async () => {
    const job = await claim();
    if (!job) throw new Error('there is no job');
    return job;
  };
  const count = async () => (await current().countRows()).jobs;

  describe('jobs', () => {
    it('are claimed once each, the one that is due the longest first', async () => {
      const now = Date.now();
      await enqueue(purge('late', { runAt: now - 10_000 }), purge('early', { runAt: now - 20_000 }));
      expect(await claim()).toMatchObject({
        workspaceId: 'ws_a',
        kind: 'purge-conversation',
        payload: { conversationId: 'early' },
        attempts: 1,
        fence: 1,
      });
      expect(await claim()).toMatchObject({ payload: { conversationId: 'late' } });
      expect(await claim()).toBeNull();
    });

    it('are claimed by one of many who ask at once', async () => {
      await enqueue(purge('a'), purge('b'), purge('c'));
      const all = await Promise.all(Array.from({ length: 8 }, () => jobs().claim(newId('node'), leaseMs)));
      const got = all.filter((job) => job !== null);
      expect(new Set(got.map(({ id }) => id)).size).toBe(got.length);
      expect(got.length).toBeGreaterThanOrEqual(1);
    });

    it('are not claimed before their time', async () => {
      await enqueue(purge('a', { runAt: Date.now() + 60_000 }));
      expect(await claim()).toBeNull();
    });

    it('exist only when the transaction that added them is committed', async () => {
      const failing = current().store.transact(async (writers) => {
        await writers.jobs.enqueue(purge('a'));
        throw new Error('undone');
      });
      await expect(failing).rejects.toThrow('undone');
      expect(await count()).toBe(0);
    });

    it('are not added twice under one key while they wait, and may be once they run', async () => {
      await enqueue(purge('a', { dedupeKey: 'k' }), purge('a', { dedupeKey: 'k' }), purge('b'), purge('b'));
      expect(await count()).toBe(3);
      await claim();
      await enqueue(purge('a', { dedupeKey: 'k' }));
      expect(await count()).toBe(4);
    });

    it('that are put off are due as soon as they are asked for again, with all their attempts, and no later', async () => {
      await enqueue(purge('a', { dedupeKey: 'k' }), purge('b', { runAt: Date.now() + 60_000 }));
      await jobs().fail(await claimed(), 'no luck', Date.now() + 3_600_000);
      await enqueue(purge('a', { dedupeKey: 'k', runAt: Date.now() + 7_200_000 }));
      await enqueue(purge('a', { dedupeKey: 'other' }), purge('b'));
      expect(await claimed()).toMatchObject({ fence: 1 });
      expect(await claimed()).toMatchObject({ fence: 1 });
      expect(await claim()).toBeNull();
      await enqueue(purge('a', { dedupeKey: 'k' }));
      await enqueue(purge('a', { dedupeKey: 'k', runAt: Date.now() + 3_600_000 }));
      expect(await claim()).toMatchObject({ payload: { conversationId: 'a' }, attempts: 1, fence: 2 });
      expect(await claim()).toBeNull();
      expect(await count()).toBe(4);
    });

    it('that failed wait until they are due again, also where another of their key waits', async () => {
      await enqueue(purge('a', { dedupeKey: 'k' }));
      const job = await claimed();
      await enqueue(purge('a', { dedupeKey: 'k', runAt: Date.now() + 60_000 }));
      await jobs().fail(job, 'no luck', Date.now() + 60_000);
      expect(await claim()).toBeNull();
      await jobs().fail(job, 'no luck', Date.now() - 1);
      expect(await claim()).toMatchObject({ id: job.id, attempts: 2 });
    });

    it('whose lease ran out are taken over, and the former holder can change nothing', async () => {
      await enqueue(purge('a'));
      const lost = await jobs().claim('node_a', -1);
      if (!lost) throw new Error('there is no job');
      const taken = await jobs().claim('node_b', leaseMs);
      expect(taken).toMatchObject({ id: lost.id, attempts: 2, fence: 2 });
      expect(await jobs().renew(lost, leaseMs)).toBe(false);
      await jobs().complete(lost);
      await jobs().fail(lost, 'late', null);
      await jobs().release(lost);
      expect(await count()).toBe(1);
      expect(await claim()).toBeNull();
      if (taken) await jobs().complete(taken);
      expect(await count()).toBe(0);
    });

    it('are claimed by their kinds, and counted by them', async () => {
      const other: NewJob = { workspaceId: 'ws_a', kind: 'remember-conversation', payload: { conversationId: 'b' } };
      await enqueue(purge('a'), other, { ...other, payload: { conversationId: 'c' } });
      await enqueue({ ...other, workspaceId: 'ws_b', runAt: Date.now() + 60_000 });
      expect(await jobs().countWaiting('remember-conversation', 10)).toEqual(
        new Map([
          ['ws_a', 2],
          ['ws_b', 1],
        ]),
      );
      const counted = await jobs().countWaiting('remember-conversation', 2);
      expect([...counted.values()].reduce((sum, of) => sum + of, 0)).toBe(2);
      const claimOf = (kinds: JobSelection) => jobs().claim('node_a', -1, kinds);
      expect(await claimOf({ only: ['purge-conversation', 'purge-source'] })).toMatchObject({
        kind: 'purge-conversation',
      });
      expect(await claimOf({ only: ['remember-conversation'] })).toMatchObject({ payload: { conversationId: 'b' } });
      // abandoned ones are found by their kinds, too
      expect(await claimOf({ only: ['purge-source'] })).toBeNull();
      expect(await claimOf({ only: ['purge-source', 'remember-conversation'] })).toMatchObject({ attempts: 2 });
    });

    it('are kept by renewing their lease', async () => {
      await enqueue(purge('a'));
      const job = await jobs().claim('node_a', -1);
      if (!job) throw new Error('there is no job');
      expect(await jobs().renew(job, leaseMs)).toBe(true);
      expect(await claim()).toBeNull();
    });

    it('that are released are due at once, and the attempt does not count', async () => {
      await enqueue(purge('a'));
      await jobs().release(await claimed());
      expect(await claim()).toMatchObject({ attempts: 1, fence: 2 });
    });

    it('that are dead are claimed no more, and removed when they are old', async () => {
      await enqueue(purge('a'), purge('b'));
      await jobs().fail(await claimed(), 'hopeless', null);
      await jobs().fail(await claimed(), 'hopeless', null);
      expect(await claim()).toBeNull();
      expect(await jobs().removeLeft(jobKindNames, Date.now() - 60_000, 10)).toBe(0);
      expect(await jobs().removeLeft(jobKindNames, Date.now() + 60_000, 1)).toBe(1);
      expect(await jobs().removeLeft(jobKindNames, Date.now() + 60_000, 10)).toBe(1);
    });

    it('of a kind that nobody knows are left alone, and removed when they are old, also where their holder is gone', async () => {
      await enqueue(purge('a'), purge('b'), purge('c'));
      const [known] = [await jobs().claim('node_a', leaseMs), await jobs().claim('node_a', -120_000)];
      const remove = (kinds: readonly string[], age: number) => jobs().removeLeft(kinds, Date.now() - age, 10);
      expect(await remove(['purge-source'], 60_000)).toBe(0);
      expect(await remove(['purge-conversation'], -60_000)).toBe(0);
      // one waits, one's lease ran out, and one is held by somebody who knows it
      expect(await remove(['purge-source'], -10_000)).toBe(2);
      expect(await jobs().renew(known!, leaseMs)).toBe(true);
    });

    it('that give themselves back are due at their time, behind others, and their attempts are counted anew', async () => {
      await enqueue(purge('a'));
      const job = await claimed();
      await enqueue(purge('b'));
      await jobs().resume(job, Date.now() + 60_000);
      expect(await claim()).toMatchObject({ payload: { conversationId: 'b' } });
      expect(await claim()).toBeNull();
      await current().run('update jobs set run_at = 0');
      expect(await claim()).toMatchObject({ id: job.id, attempts: 1, fence: 2 });
      // the hold of before is worth nothing any more
      await jobs().resume(job, 0);
      expect(await claim()).toBeNull();
    });

    it('that give themselves back without having got on keep the count of their attempts', async () => {
      await enqueue(purge('a'));
      const job = await claimed();
      await jobs().resume(job, 0, { attempts: job.attempts });
      expect(await claim()).toMatchObject({ id: job.id, attempts: 2 });
    });

    it('of one key run one at a time, and one that gives itself back leaves the rest to the one that waits', async () => {
      await enqueue(purge('a', { dedupeKey: 'k' }));
      const job = await claimed();
      await enqueue(purge('a', { dedupeKey: 'k' }), purge('b', { dedupeKey: 'other' }));
      expect(await claim()).toMatchObject({ payload: { conversationId: 'b' } });
      expect(await claim()).toBeNull();
      await jobs().resume(job, Date.now() - 1);
      const next = await claimed();
      expect(next).toMatchObject({ payload: { conversationId: 'a' }, attempts: 1 });
      expect(next.id).not.toBe(job.id);
      expect(await count()).toBe(2);
    });

    it('stay where they cannot be put back for another reason than their key', async () => {
      await enqueue(purge('a', { dedupeKey: 'k' }));
      const job = await jobs().claim('node_a', -1);
      if (!job) throw new Error('there is no job');
      await enqueue(purge('b', { dedupeKey: 'other', runAt: Date.now() + 60_000 }));
      await current().run("create unique index one_waits on jobs (status) where status = 'waiting'");
      await expect(jobs().resume(job, Date.now() - 1)).rejects.toThrow(/unique/iu);
      await expect(jobs().fail(job, 'no luck', Date.now() - 1)).rejects.toThrow(/unique/iu);
      await expect(jobs().release(job)).rejects.toThrow(/unique/iu);
      await current().run('drop index one_waits');
      expect(await claim()).toMatchObject({ id: job.id, attempts: 2 });
      // the key is still its own
      await current().run("update jobs set status = 'waiting' where dedupe_key = 'k'");
      await enqueue(purge('a', { dedupeKey: 'k' }));
      expect(await count()).toBe(2);
    });

    it('that give themselves back with another payload go on with it, also where another of their key waits', async () => {
      await enqueue(purge('a', { dedupeKey: 'k' }));
      await jobs().resume(await claimed(), Date.now() - 1, { payload: { conversationId: 'rest' } });
      await enqueue(purge('a', { dedupeKey: 'k' }));
      expect(await count()).toBe(1);
      const job = await claimed();
      expect(job).toMatchObject({ payload: { conversationId: 'rest' }, attempts: 1 });
      await enqueue(purge('a', { dedupeKey: 'k' }));
      await jobs().resume(job, Date.now() - 1, { payload: { conversationId: 'further' } });
      expect(await count()).toBe(2);
      const payloads = [(await claimed()).payload, (await claimed()).payload];
      expect(payloads).toEqual(expect.arrayContaining([{ conversationId: 'further' }, { conversationId: 'a' }]));
    });

    it('that wait again do so under their key', async () => {
      for (const putBack of [
        (job: Job) => jobs().resume(job, Date.now() - 1),
        (job: Job) => jobs().fail(job, 'no luck', Date.now() - 1),
        (job: Job) => jobs().release(job),
      ]) {
        await enqueue(purge('a', { dedupeKey: 'k' }));
        await putBack(await claimed());
        await enqueue(purge('a', { dedupeKey: 'k' }));
        expect(await count()).toBe(1);
      }
    });

    it('of some workspaces are left where that is asked for, though nobody has them any more', async () => {
      const selection: JobSelection = { only: ['purge-conversation'], fair: true, except: ['ws_a', 'ws_c'] };
      await enqueue(purge('a1', { runAt: 10_000 }));
      expect(await jobs().claim('node_dead', -1, { only: ['purge-conversation'] })).not.toBeNull();
      await enqueue(
        purge('a2', { runAt: 20_000 }),
        { ...purge('b1', { runAt: 30_000 }), workspaceId: 'ws_b' },
        { ...purge('b2', { runAt: 40_000 }), workspaceId: 'ws_b' },
        { ...purge('n1', { runAt: 50_000 }), workspaceId: null },
      );
      const order: unknown[] = [];
      for (let tries = 0; tries < 4; tries += 1) {
        order.push((await jobs().claim('node_a', leaseMs, selection))?.payload ?? null);
      }
      expect(order).toEqual([...['b1', 'n1', 'b2'].map((conversationId) => ({ conversationId })), null]);
    });

    it('are taken in turns between workspaces where that is asked for', async () => {
      const of = (workspaceId: string | null, id: string, runAt: number): NewJob => ({
        ...purge(id, { runAt }),
        workspaceId,
      });
      await enqueue(
        of('ws_a', 'a1', 10_000),
        of('ws_a', 'a2', 20_000),
        of('ws_a', 'a3', 30_000),
        of('ws_b', 'b1', 40_000),
        of(null, 'n1', 50_000),
      );
      const fairly = () => jobs().claim('node_a', leaseMs, { only: ['purge-conversation'], fair: true });
      const order: unknown[] = [];
      for (let job = await fairly(); job; job = await fairly()) order.push(job.payload);
      expect(order).toEqual(['a1', 'b1', 'n1', 'a2', 'a3'].map((conversationId) => ({ conversationId })));
    });

    it('are counted by what became of them, with for how long the oldest has been due', async () => {
      const backlog = () => current().store.readers.backlog.read();
      const none = { waiting: new Map(), running: new Map(), dead: new Map(), oldestDueMs: null };
      expect((await backlog()).jobs).toEqual(none);
      const now = Date.now();
      await enqueue(purge('dead', { runAt: now - 90_000 }));
      await jobs().fail(await claimed(), 'Error', null);
      await enqueue(
        purge('a', { runAt: now - 80_000 }),
        purge('b', { runAt: now - 60_000 }),
        purge('c', { runAt: now + 60_000 }),
      );
      await claimed();
      const { oldestDueMs, ...counts } = (await backlog()).jobs;
      const one = new Map([['purge-conversation', 1]]);
      expect(counts).toEqual({ waiting: new Map([['purge-conversation', 2]]), running: one, dead: one });
      expect(oldestDueMs).toBeGreaterThanOrEqual(60_000);
      expect(oldestDueMs).toBeLessThan(80_000);
    });
  });
};
