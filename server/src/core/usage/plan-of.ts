import type { Plan } from './plan.ts';
import type { PlanCatalogue } from './plan-catalogue.ts';

/** The plan of a workspace. A name that is no longer in the catalogue stands for the default, as none does. */
export const planOf = ({ plans, defaultPlan }: PlanCatalogue, name: string | null): Plan =>
  name === null ? defaultPlan : (plans.get(name) ?? defaultPlan);
