import type { WorkspaceInForce } from '../workspace/workspace.ts';
import type { Plan } from './plan.ts';
import type { PlanCatalogue } from './plan-catalogue.ts';

/** The plan of that name. A name that is no longer in the catalogue stands for the default, as none does. */
export const planOf = ({ plans, defaultPlan }: PlanCatalogue, name: string | null): Plan =>
  name === null ? defaultPlan : (plans.get(name) ?? defaultPlan);

/** The plan in force for a workspace: its own, or its parent's with its share in place of the parent's quota. */
export const planInForce = (
  catalogue: PlanCatalogue,
  { plan, parentPlan, share }: Pick<WorkspaceInForce, 'plan' | 'parentPlan' | 'share'>,
): Plan => (share ? { ...planOf(catalogue, parentPlan), ...share } : planOf(catalogue, plan));
