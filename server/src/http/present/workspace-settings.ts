import type { workspaceSettingsSchema } from '@parley/protocol/workspace-settings-schemas';
import type { z } from 'zod';
import type { Retention } from '../../core/retention/retention.ts';

export const presentWorkspaceSettings = (
  workspaceId: string,
  retention: Retention,
): z.output<typeof workspaceSettingsSchema> => ({
  id: workspaceId,
  object: 'workspace_settings',
  retention_days: retention.retentionDays,
  max_messages_per_conversation: retention.maxMessagesPerConversation,
});
