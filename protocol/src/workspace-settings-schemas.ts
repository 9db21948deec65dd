import { z } from 'zod';
import { workspaceId } from './common-schemas.ts';

const maxRetentionDays = 3_650;
const maxKeptMessages = 1_000_000;

const retentionDays = z
  .int()
  .min(1)
  .max(maxRetentionDays)
  .nullable()
  .describe(
    'How many days conversations are kept. One that was silent for longer is removed; of one that goes on, the turns that are older. Null: for ever.',
  );

const maxMessagesPerConversation = z
  .int()
  .min(2)
  .max(maxKeptMessages)
  .nullable()
  .describe('How many messages of a conversation are kept: the latest, in whole turns. Null: all of them.');

export const workspaceSettingsSchema = z
  .strictObject({
    id: workspaceId,
    object: z.literal('workspace_settings'),
    retention_days: retentionDays,
    max_messages_per_conversation: maxMessagesPerConversation,
  })
  .meta({ id: 'WorkspaceSettings' });

export const updateWorkspaceSettingsSchema = z
  .strictObject({
    retention_days: retentionDays.optional(),
    max_messages_per_conversation: maxMessagesPerConversation.optional(),
  })
  .meta({ id: 'UpdateWorkspaceSettings' });
