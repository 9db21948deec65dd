import { type EndTurns, enqueuePurge } from '../../core/conversation/delete-conversation.ts';
import { eraseTracesSoon } from '../../core/job/erase-traces-soon.ts';
import { boundsOf, type Retention, type RetentionBounds } from '../../core/retention/retention.ts';
import type { Overdue, RetentionReader } from '../../core/retention/retention-store.ts';
import type { Transact } from '../../core/store.ts';
import type { Clock } from '../../kit/clock.ts';
import { inBatches } from '../in-batches.ts';
import type { JobKind } from '../job-kind.ts';
import { rowsPerBatch } from '../rows-per-batch.ts';

/** Workspaces asked for at once. */
const workspacesPerPage = 100;

export type RetentionParts = { transact: Transact; retention: RetentionReader; clock: Clock; endTurns: EndTurns };

/**
 * Removes what workspaces do not want to be kept any longer: of the workspace that the job names, or of all. Looking is done
 * where long reads go; only conversations with something to remove are written to.
 */
export const enforceRetention = (parts: RetentionParts): JobKind => ({
  async run({ workspaceId, signal }) {
    if (workspaceId !== null) {
      await enforceIn({ workspaceId, retention: await parts.retention.find(workspaceId) }, parts, signal);
      return;
    }
    for (let after = ''; ;) {
      const workspaces = await parts.retention.listWorkspaces(after, workspacesPerPage);
      for (const workspace of workspaces) await enforceIn(workspace, parts, signal);
      const last = workspaces.at(-1);
      if (!last || workspaces.length < workspacesPerPage) return;
      after = last.workspaceId;
    }
  },
});

const enforceIn = async (
  { workspaceId, retention }: { workspaceId: string; retention: Retention },
  parts: RetentionParts,
  signal: AbortSignal,
): Promise<void> => {
  const bounds = boundsOf(retention, parts.clock());
  if (bounds.before === null && bounds.maxMessages === null) return;
  for (let after: string | null = ''; after !== null;) {
    signal.throwIfAborted();
    const page = await parts.retention.listOverdue(workspaceId, bounds, after);
    for (const { conversationId, isSilent } of page.overdue) {
      const place = { workspaceId, conversationId };
      await inBatches(signal, () => pruneBatch(place, bounds, parts));
      if (isSilent && bounds.before !== null) await removeSilent(place, bounds.before, parts);
    }
    after = page.next;
  }
};

type Place = { workspaceId: string } & Pick<Overdue, 'conversationId'>;

const pruneBatch = (
  { workspaceId, conversationId }: Place,
  bounds: RetentionBounds,
  { transact, clock }: RetentionParts,
): Promise<boolean> =>
  transact(async ({ retention, jobs }) => {
    const now = clock();
    const batch = { ...bounds, limit: rowsPerBatch, now };
    const { done, removed } = await retention.prune(workspaceId, conversationId, batch);
    // with the rows: a round that was cut off here finds none of them again
    if (removed > 0) await eraseTracesSoon(jobs, { of: 'outlived', now });
    return done;
  });

/**
 * In one transaction, since nobody looks again for what is marked: what pruning has left is mostly the row itself, and
 * where it is more, a job does the rest. One that somebody has gone on with meanwhile stays.
 */
const removeSilent = async (
  { workspaceId, conversationId }: Place,
  before: number,
  { transact, clock, endTurns }: RetentionParts,
): Promise<void> => {
  const endedTurns = await transact(async ({ conversations, jobs }) => {
    const found = await conversations.find(workspaceId, conversationId);
    if (!found || found.updatedAt >= before) return [];
    const now = clock();
    const ended = await conversations.markDeleted(workspaceId, conversationId, now);
    const done = await conversations.purge(workspaceId, conversationId, rowsPerBatch);
    if (!done) await enqueuePurge(jobs, { workspaceId, conversationId });
    await eraseTracesSoon(jobs, { of: 'outlived', now });
    return ended;
  });
  if (endedTurns.length > 0) endTurns(workspaceId, endedTurns);
};
