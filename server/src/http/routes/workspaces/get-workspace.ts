import { workspaceParams, workspaceSchema } from '@parley/protocol/workspace-schemas';
import { findClient } from '../../../core/workspace/find-client.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentWorkspace } from '../../present/workspace.ts';
import type { RouteParts } from '../../route-parts.ts';

export const getWorkspaceRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/workspaces/:workspace_id',
    operationId: 'getWorkspace',
    summary: 'Read a client workspace',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'workspaces:write' },
    params: workspaceParams,
    replies: { 200: workspaceSchema },
    errors: ['not_found'],
    handler: async ({ principal, params }) => {
      const client = await findClient(readers.clients, principal, params.workspace_id);
      return { status: 200, body: presentWorkspace(client) };
    },
  });
