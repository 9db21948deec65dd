import { workspaceSettingsSchema } from '@parley/protocol/workspace-settings-schemas';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentWorkspaceSettings } from '../../present/workspace-settings.ts';
import type { RouteParts } from '../../route-parts.ts';

export const getSettingsRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/workspace/settings',
    operationId: 'getWorkspaceSettings',
    summary: 'Read what the workspace keeps',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    replies: { 200: workspaceSettingsSchema },
    errors: [],
    handler: async ({ principal: { workspaceId } }) => ({
      status: 200,
      body: presentWorkspaceSettings(workspaceId, await readers.retention.find(workspaceId)),
    }),
  });
