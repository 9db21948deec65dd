import { z } from 'zod';
import { listOf, pageQuery, storedPairs, stringPairs, timestamp, visibleText, workspaceId } from './common-schemas.ts';
import { quotaInput, quotaSchema } from './quota-schemas.ts';
import { planSchema } from './usage-schemas.ts';

const maxNameLength = 200;

const fields = {
  name: visibleText(maxNameLength),
  plan: z.string().max(64).nullable().describe('A plan of its own, by the name that `GET /v1/plans` lists.'),
  share: quotaInput
    .nullable()
    .describe(
      'What it may use of your quota, where it has no plan of its own; every other limit is that of your plan.',
    ),
  branding: stringPairs.describe('Up to 16 pairs for chat windows: colours, names, addresses of pictures.'),
  metadata: stringPairs,
};

export const updateWorkspaceSchema = z
  .strictObject(fields)
  .partial()
  .describe('The fields to change. A plan ends the share, and a share the plan; pairs are replaced.')
  .meta({ id: 'UpdateWorkspace', examples: [{ plan: 'growth' }] });

export const createWorkspaceSchema = z
  .strictObject({ ...updateWorkspaceSchema.shape, name: fields.name })
  .describe('With neither `plan` nor `share` its messages count on your quota, without a limit of its own.')
  .meta({
    id: 'CreateWorkspace',
    examples: [{ name: 'Blanket shop', share: { messages_per_month: 500, warn_at: 400 } }],
  });

export const workspaceSchema = z
  .strictObject({
    id: workspaceId,
    object: z.literal('workspace'),
    name: z.string(),
    plan: z.string().nullable().describe('Null where it has a share of your quota.'),
    share: quotaSchema.nullable().describe('Null where it has a plan of its own.'),
    branding: storedPairs,
    metadata: storedPairs,
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'Workspace' });

export const workspaceListSchema = listOf(workspaceSchema).meta({ id: 'WorkspaceList' });

export const workspaceParams = z.strictObject({ workspace_id: workspaceId });

export const listWorkspacesQuery = z.strictObject(pageQuery(workspaceId));

export const deleteWorkspaceQuery = z.strictObject({
  confirm: z.string().max(maxNameLength).optional().describe("The workspace's name."),
});

export const listedPlanSchema = z
  .strictObject({
    ...planSchema.shape,
    id: z.string().describe('Its name.'),
    object: z.literal('plan'),
    default: z.boolean().describe('True for the plan of workspaces that name none.'),
  })
  .meta({ id: 'ListedPlan' });

export const planListSchema = listOf(listedPlanSchema).meta({ id: 'PlanList' });

export const listPlansQuery = z.strictObject(pageQuery(z.string().max(64)));
