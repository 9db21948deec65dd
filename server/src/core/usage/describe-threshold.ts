import type { WorkspaceReader } from '../workspace/workspace.ts';
import { type Period, periodAt } from './period.ts';
import { type QuotaOwnerType, readOwnerId } from './quota-owner.ts';
import { type Reached, reachedIn } from './threshold-event.ts';
import type { UsageReader } from './usage-store.ts';

/** What the event `usage.threshold` tells. */
export type Threshold = {
  owner: { type: QuotaOwnerType; id: string };
  period: Period;
  reached: Reached;
  used: number;
  reserved: number;
  limit: number | null;
  warnAt: number | null;
};

/**
 * A node of the quota tree, for the event that its use reached a warning or a limit. Which of them, and in which period,
 * the event says; the figures are those of now. Null where the node is gone.
 */
export const describeThreshold = async (
  { usage, workspaces }: { usage: Pick<UsageReader, 'node'>; workspaces: Pick<WorkspaceReader, 'find'> },
  event: { workspaceId: string; ownerId: string; eventId: string; at: number },
): Promise<Threshold | null> => {
  const period = periodAt(event.at);
  const [node, workspace] = await Promise.all([
    usage.node(event.workspaceId, event.ownerId, period.start),
    workspaces.find(event.workspaceId),
  ]);
  if (!node || !workspace) return null;
  const { type, id } = readOwnerId(event.ownerId);
  const { used, reserved, limits } = node;
  const { messagesPerMonth: limit, warnAt } = limits;
  return {
    owner: { type: type === 'workspace' && workspace.parentId !== null ? 'client' : type, id },
    period,
    reached: reachedIn(event.eventId) ?? (limit !== null && used >= limit ? 'limit' : 'warn_at'),
    used,
    reserved,
    limit,
    warnAt,
  };
};
