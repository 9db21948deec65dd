import { conversationId as conversationIdSchema, deletedSchema } from '@parley/protocol/common-schemas';
import { z } from 'zod';
import { deleteConversation } from '../../../core/conversation/delete-conversation.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentDeleted } from '../../present/deleted.ts';
import type { RouteParts } from '../../route-parts.ts';

export const deleteConversationRoute = ({
  clock,
  endTurns,
  lookForReplies,
}: Pick<RouteParts, 'clock' | 'endTurns' | 'lookForReplies'>): Route =>
  defineChange({
    method: 'DELETE',
    path: '/v1/conversations/:conversation_id',
    operationId: 'deleteConversation',
    summary: 'Delete a conversation',
    description:
      'It is gone at once, with its running and waiting turns, which end as by a cancel: one that had text stored of its reply is charged, and `turn.cancelled` on its stream says so in `usage.messages`. Its messages, turns and logs are removed for good shortly after. Charges stay in the ledger. An `Idempotency-Key` that made one of its turns answers 404 until it expires.',
    tag: 'Conversations',
    access: { principals: ['key', 'session'], scope: 'conversations:write' },
    params: z.strictObject({ conversation_id: conversationIdSchema }),
    replies: { 200: deletedSchema },
    errors: ['not_found'],
    handler: async (writers, { principal, params }) => {
      const { conversation_id: conversationId } = params;
      await deleteConversation(writers, { principal, conversationId }, { clock, endTurns });
      // whoever waits there for a person waits in vain
      writers.afterCommit(() => lookForReplies({ workspaceId: principal.workspaceId, conversationId }));
      return { status: 200, body: presentDeleted('conversation', conversationId) };
    },
  });
