import { conversationId, deletedSchema } from '@parley/protocol/common-schemas';
import { z } from 'zod';
import { deleteConversation } from '../../../core/conversation/delete-conversation.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentDeleted } from '../../present/deleted.ts';
import type { RouteParts } from '../../route-parts.ts';

export const deleteConversationRoute = ({ clock, endTurns }: Pick<RouteParts, 'clock' | 'endTurns'>): Route =>
  defineChange({
    method: 'DELETE',
    path: '/v1/conversations/:conversation_id',
    operationId: 'deleteConversation',
    summary: 'Delete a conversation',
    description:
      'It is gone at once, with its running and waiting turns, which are not charged; its messages, turns and logs are removed for good shortly after. Charges stay in the ledger.',
    tag: 'Conversations',
    access: { principals: ['key', 'session'], scope: 'conversations:write' },
    params: z.strictObject({ conversation_id: conversationId }),
    replies: { 200: deletedSchema },
    errors: ['not_found'],
    handler: async (writers, { principal, params }) => {
      await deleteConversation(writers, { principal, conversationId: params.conversation_id }, { clock, endTurns });
      return { status: 200, body: presentDeleted('conversation', params.conversation_id) };
    },
  });
