import { updateWorkspaceSchema, workspaceParams, workspaceSchema } from '@parley/protocol/workspace-schemas';
import { updateClient } from '../../../core/workspace/update-client.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentWorkspace, toClientChange } from '../../present/workspace.ts';
import type { RouteParts } from '../../route-parts.ts';

export const updateWorkspaceRoute = ({
  plans,
  clock,
  forgetWorkspace: forget,
}: Pick<RouteParts, 'plans' | 'clock' | 'forgetWorkspace'>): Route =>
  defineChange({
    method: 'PATCH',
    path: '/v1/workspaces/:workspace_id',
    operationId: 'updateWorkspace',
    summary: 'Change a client workspace',
    description: 'New terms hold everywhere within five seconds at the latest.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'workspaces:write' },
    params: workspaceParams,
    body: updateWorkspaceSchema,
    replies: { 200: workspaceSchema },
    errors: ['not_found', 'invalid_request'],
    handler: async (writers, { principal, params, body }) => {
      const request = { principal, clientId: params.workspace_id, change: toClientChange(body) };
      const client = await updateClient(writers, request, { plans, clock, forget });
      return { status: 200, body: presentWorkspace(client) };
    },
  });
