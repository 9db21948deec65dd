import { BoundedCache } from '../../kit/bounded-cache.ts';
import type { Clock } from '../../kit/clock.ts';
import type { QuotaShare } from '../turn/turn.ts';
import type { WorkspaceInForce, WorkspaceReader } from '../workspace/workspace.ts';
import type { Plan } from './plan.ts';
import type { PlanCatalogue } from './plan-catalogue.ts';
import { planInForce, planOf } from './plan-of.ts';

const maxWorkspaces = 10_000;
/** Longest time in which a change made by another process goes unnoticed. */
const freshMs = 5_000;

/** What holds for a workspace. */
export type WorkspaceTerms = {
  parentId: string | null;
  plan: Plan;
  /** Where each of its messages counts, outermost first: the workspace, and before it a parent whose quota it shares. */
  shares: readonly QuotaShare[];
};

/** The terms of workspaces, for the path of a turn. `forget` must be called after the commit of every change made here. */
export interface WorkspaceTermsCache {
  /** At once where they were asked for lately. Null where there is no such workspace; that is not remembered. */
  find(workspaceId: string): WorkspaceTerms | Promise<WorkspaceTerms | null>;
  /** Without an id: every workspace's. */
  forget(workspaceId?: string): void;
}

export const createWorkspaceTerms = (
  workspaces: Pick<WorkspaceReader, 'find'>,
  catalogue: PlanCatalogue,
  clock: Clock,
): WorkspaceTermsCache => {
  const cached = new BoundedCache<string, WorkspaceTerms>({ maxEntries: maxWorkspaces, ttlMs: freshMs, clock });
  let changes = 0;
  const read = async (workspaceId: string): Promise<WorkspaceTerms | null> => {
    const before = changes;
    const workspace = await workspaces.find(workspaceId);
    if (!workspace) return null;
    const terms = termsOf(catalogue, workspace);
    // what was read before a change must not be remembered after it
    if (before === changes) cached.set(workspaceId, terms);
    return terms;
  };
  return {
    find: (workspaceId) => cached.get(workspaceId) ?? read(workspaceId),
    forget(workspaceId) {
      changes += 1;
      if (workspaceId === undefined) cached.clear();
      else cached.delete(workspaceId);
    },
  };
};

const termsOf = (catalogue: PlanCatalogue, workspace: WorkspaceInForce): WorkspaceTerms => {
  const { id, parentId } = workspace;
  const plan = planInForce(catalogue, workspace);
  const own = shareOf(id, plan);
  const isShare = workspace.share !== null && parentId !== null;
  const shares = isShare ? [shareOf(parentId, planOf(catalogue, workspace.parentPlan)), own] : [own];
  return { parentId, plan, shares };
};

const shareOf = (workspaceId: string, { messagesPerMonth, warnAt }: Plan): QuotaShare => ({
  workspaceId,
  ownerId: workspaceId,
  limit: messagesPerMonth,
  warnAt,
});
