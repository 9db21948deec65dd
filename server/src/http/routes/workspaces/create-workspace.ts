import { createWorkspaceSchema, workspaceSchema } from '@parley/protocol/workspace-schemas';
import { createClient } from '../../../core/workspace/create-client.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentWorkspace, toClientChange } from '../../present/workspace.ts';
import type { RouteParts } from '../../route-parts.ts';

export const createWorkspaceRoute = (tools: Pick<RouteParts, 'plans' | 'clock'>): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/workspaces',
    operationId: 'createWorkspace',
    summary: 'Make a client workspace',
    description:
      'To work in it, send its id as `Parley-Workspace` with any request. A client has a plan of its own or a share of your quota, and no clients.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'workspaces:write' },
    body: createWorkspaceSchema,
    replies: { 201: workspaceSchema },
    errors: ['invalid_request', 'plan_limit_reached'],
    handler: async (writers, { principal, body }) => {
      const nothing = { plan: null, share: null, branding: {}, metadata: {} };
      const wanted = { ...nothing, ...toClientChange(body), name: body.name };
      const client = await createClient(writers, { principal, wanted }, tools);
      return { status: 201, body: presentWorkspace(client) };
    },
  });
