import { setTimeout } from 'node:timers/promises';
import type { JobStore } from '../../core/job/job-store.ts';
import type { Json } from '../../core/json.ts';
import { admitFairly, maxCountedJobs } from '../../core/memory/admit-fairly.ts';
import { findLagging, type LaggingParts, lookBackMs } from '../../core/memory/find-lagging.ts';
import type { ConversationPlace } from '../../core/memory/memory-store.ts';
import { rememberJobs } from '../../core/memory/remember-job.ts';
import type { Transact } from '../../core/store.ts';
import type { Clock } from '../../kit/clock.ts';
import type { JobKind } from '../job-kind.ts';

/** Between two pages: it has all the time. */
const pauseMs = 50;
/** Until it looks again whether there is room for those that found none. */
const waitMs = 5_000;
/** Conversations it has in mind while they wait for room, some 100 bytes each; then it reads on only once there is room. */
const maxLeft = 2_000;

export type SweepMemoryParts = LaggingParts & {
  jobs: Pick<JobStore, 'countWaiting'>;
  transact: Transact;
  clock: Clock;
};

/** Where a sweep stands: turns up to a time are looked through, and these conversations found no room for a job yet. */
type Standing = { until: number; left: ConversationPlace[] };

/**
 * Adds jobs for conversations whose memory lags behind, as after a crash. Where there is no room for all of them it gives
 * itself back and goes on where it stood: the next sweep does not look back so far.
 */
export const sweepMemory = (parts: SweepMemoryParts): JobKind => ({
  lane: 'background',

  async run({ payload, signal }) {
    const now = parts.clock();
    let { until, left } = readStanding(payload) ?? { until: now - lookBackMs, left: [] };
    left = await addJobs(parts, left);
    if (left.length < maxLeft) {
      for await (const page of findLagging(parts, { from: until, now })) {
        signal.throwIfAborted();
        const known = new Set(left.map(({ conversationId }) => conversationId));
        const found = page.lagging.filter(({ conversationId }) => !known.has(conversationId));
        left = [...left, ...(await addJobs(parts, found))];
        until = page.until;
        if (left.length >= maxLeft) break;
        await setTimeout(pauseMs);
      }
    }
    return left.length === 0 ? null : { resumeAt: parts.clock() + waitMs, payload: toPayload({ until, left }) };
  },
});

/** Gives those for which there is no room. */
const addJobs = async (
  { jobs, transact }: SweepMemoryParts,
  places: readonly ConversationPlace[],
): Promise<ConversationPlace[]> => {
  if (places.length === 0) return [];
  const admitted = admitFairly(places, await jobs.countWaiting('remember-conversation', maxCountedJobs));
  if (admitted.length > 0) {
    await transact(async (writers) => {
      for (const job of rememberJobs(admitted)) await writers.jobs.enqueue(job);
    });
  }
  const taken = new Set(admitted);
  return places.filter((place) => !taken.has(place));
};

const toPayload = ({ until, left }: Standing): Json => ({
  until,
  left: left.map(({ workspaceId, conversationId }) => [workspaceId, conversationId]),
});

/** Null for one that has not begun. */
const readStanding = (payload: Json): Standing | null => {
  if (typeof payload !== 'object' || payload === null || !('until' in payload)) return null;
  const { until, left } = payload as { until: number; left: [string, string][] };
  return { until, left: left.map(([workspaceId, conversationId]) => ({ workspaceId, conversationId })) };
};
