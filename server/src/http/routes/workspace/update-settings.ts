import { updateWorkspaceSettingsSchema, workspaceSettingsSchema } from '@parley/protocol/workspace-settings-schemas';
import { updateRetention } from '../../../core/retention/update-retention.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentWorkspaceSettings } from '../../present/workspace-settings.ts';
import type { RouteParts } from '../../route-parts.ts';

export const updateSettingsRoute = ({ clock }: Pick<RouteParts, 'clock'>): Route =>
  defineChange({
    method: 'PATCH',
    path: '/v1/workspace/settings',
    operationId: 'updateWorkspaceSettings',
    summary: 'Change what the workspace keeps',
    description:
      'For both modes. What is too old or too much already is removed at once, for good, in small batches; later in rounds of an hour.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    body: updateWorkspaceSettingsSchema,
    replies: { 200: workspaceSettingsSchema },
    errors: ['invalid_request'],
    handler: async (writers, { principal, body }) => {
      const retention = await updateRetention(
        writers,
        {
          principal,
          change: {
            ...(body.retention_days === undefined ? {} : { retentionDays: body.retention_days }),
            ...(body.max_messages_per_conversation === undefined
              ? {}
              : { maxMessagesPerConversation: body.max_messages_per_conversation }),
          },
        },
        { clock },
      );
      return { status: 200, body: presentWorkspaceSettings(principal.workspaceId, retention) };
    },
  });
