import type { listedPlanSchema, updateWorkspaceSchema, workspaceSchema } from '@parley/protocol/workspace-schemas';
import type { z } from 'zod';
import type { Plan } from '../../core/usage/plan.ts';
import type { Client } from '../../core/workspace/client.ts';
import type { ClientChange } from '../../core/workspace/update-client.ts';
import { presentQuota, toQuotaOrUndefined } from './quota.ts';
import { presentTime } from './time.ts';
import { presentPlan } from './usage.ts';

export const presentWorkspace = (client: Client): z.output<typeof workspaceSchema> => ({
  id: client.id,
  object: 'workspace',
  name: client.name,
  plan: client.plan,
  share: presentQuota(client.share),
  branding: client.branding,
  metadata: client.metadata,
  created_at: presentTime(client.createdAt),
  updated_at: presentTime(client.updatedAt),
});

/** The fields that a body sets, under their names in core. */
export const toClientChange = ({
  name,
  plan,
  share,
  branding,
  metadata,
}: z.output<typeof updateWorkspaceSchema>): ClientChange => {
  const limits = toQuotaOrUndefined(share);
  return {
    ...(name === undefined ? {} : { name }),
    ...(plan === undefined ? {} : { plan }),
    ...(limits === undefined ? {} : { share: limits }),
    ...(branding === undefined ? {} : { branding }),
    ...(metadata === undefined ? {} : { metadata }),
  };
};

export const presentListedPlan = (
  plan: Plan,
  { isDefault }: { isDefault: boolean },
): z.output<typeof listedPlanSchema> => ({ id: plan.name, object: 'plan', ...presentPlan(plan), default: isDefault });
