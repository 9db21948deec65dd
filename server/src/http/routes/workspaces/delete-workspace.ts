import { deletedSchema } from '@parley/protocol/common-schemas';
import { deleteWorkspaceQuery, workspaceParams } from '@parley/protocol/workspace-schemas';
import { deleteClient } from '../../../core/workspace/delete-client.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentDeleted } from '../../present/deleted.ts';
import type { RouteParts } from '../../route-parts.ts';

export const deleteWorkspaceRoute = ({
  clock,
  forgetWorkspace: forget,
}: Pick<RouteParts, 'clock' | 'forgetWorkspace'>): Route =>
  defineChange({
    method: 'DELETE',
    path: '/v1/workspaces/:workspace_id',
    operationId: 'deleteWorkspace',
    summary: 'Delete a client workspace',
    description:
      'With everything in it. Its keys are refused at once, and turns that run end; its rows are removed in the background.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'workspaces:write' },
    params: workspaceParams,
    query: deleteWorkspaceQuery,
    replies: { 200: deletedSchema },
    errors: ['not_found', 'confirmation_required'],
    handler: async (writers, { principal, params, query }) => {
      const request = { principal, clientId: params.workspace_id, confirm: query.confirm ?? null };
      await deleteClient(writers, request, { clock, forget });
      return { status: 200, body: presentDeleted('workspace', params.workspace_id) };
    },
  });
