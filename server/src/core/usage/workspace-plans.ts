import { BoundedCache } from '../../kit/bounded-cache.ts';
import type { Clock } from '../../kit/clock.ts';
import type { WorkspaceReader } from '../workspace/workspace.ts';
import type { Plan } from './plan.ts';
import type { PlanCatalogue } from './plan-catalogue.ts';
import { planOf } from './plan-of.ts';

const maxWorkspaces = 10_000;
/** Longest time in which a change of plan goes unnoticed. */
const freshMs = 5_000;

/** The plan of a workspace by its id, at once where it was asked for lately. */
export type WorkspacePlans = (workspaceId: string) => Plan | Promise<Plan>;

export const createWorkspacePlans = (
  workspaces: WorkspaceReader,
  catalogue: PlanCatalogue,
  clock: Clock,
): WorkspacePlans => {
  const plans = new BoundedCache<string, Plan>({ maxEntries: maxWorkspaces, ttlMs: freshMs, clock });
  const read = async (workspaceId: string): Promise<Plan> => {
    const workspace = await workspaces.find(workspaceId);
    const plan = planOf(catalogue, workspace?.plan ?? null);
    plans.set(workspaceId, plan);
    return plan;
  };
  return (workspaceId) => plans.get(workspaceId) ?? read(workspaceId);
};
