import { listWorkspacesQuery, workspaceListSchema } from '@parley/protocol/workspace-schemas';
import { listClients } from '../../../core/workspace/find-client.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentList, toPageRequest } from '../../present/list.ts';
import { presentWorkspace } from '../../present/workspace.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listWorkspacesRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/workspaces',
    operationId: 'listWorkspaces',
    summary: 'List client workspaces',
    description: 'Newest first.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'workspaces:write' },
    query: listWorkspacesQuery,
    replies: { 200: workspaceListSchema },
    errors: [],
    handler: async ({ principal, query }) => {
      const page = await listClients(readers.clients, principal, toPageRequest(query));
      return { status: 200, body: presentList(page, presentWorkspace) };
    },
  });
