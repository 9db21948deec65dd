import type { EndTurns } from '../../core/conversation/delete-conversation.ts';
import { boundsOf, type Retention } from '../../core/retention/retention.ts';
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
      if (isSilent) await removeConversation({ workspaceId, conversationId }, parts, signal);
      else {
        const prune = { ...bounds, limit: rowsPerBatch, now: parts.clock() };
        await inBatches(signal, () =>
          parts.transact((writers) => writers.retention.prune(workspaceId, conversationId, prune)),
        );
      }
    }
    after = page.next;
  }
};

const removeConversation = async (
  { workspaceId, conversationId }: { workspaceId: string } & Pick<Overdue, 'conversationId'>,
  { transact, clock, endTurns }: RetentionParts,
  signal: AbortSignal,
): Promise<void> => {
  const endedTurns = await transact((writers) =>
    writers.conversations.markDeleted(workspaceId, conversationId, clock()),
  );
  if (endedTurns.length > 0) endTurns(workspaceId, endedTurns);
  await inBatches(signal, () =>
    transact((writers) => writers.conversations.purge(workspaceId, conversationId, rowsPerBatch)),
  );
};
