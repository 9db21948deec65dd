import type { WorkspaceReader } from '../workspace/workspace.ts';
import { type Period, periodAt } from './period.ts';
import { type QuotaOwnerType, readOwnerId } from './quota-owner.ts';
import type { UsageReader } from './usage-store.ts';

/** What the event `usage.threshold` tells. */
export type Threshold = {
  owner: { type: QuotaOwnerType; id: string };
  period: Period;
  /** Which of the two was reached: the warning, or the limit itself. */
  reached: 'warn_at' | 'limit';
  used: number;
  reserved: number;
  limit: number | null;
  warnAt: number | null;
};

/**
 * A node of the quota tree as it stands, for the event of the time `at` that its use crossed a warning or a limit. Null
 * where the node is gone.
 */
export const describeThreshold = async (
  { usage, workspaces }: { usage: Pick<UsageReader, 'node'>; workspaces: Pick<WorkspaceReader, 'find'> },
  event: { workspaceId: string; ownerId: string; at: number },
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
    reached: limit !== null && used >= limit ? 'limit' : 'warn_at',
    used,
    reserved,
    limit,
    warnAt,
  };
};
