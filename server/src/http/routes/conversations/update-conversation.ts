import { conversationId } from '@parley/protocol/common-schemas';
import { conversationSchema, updateConversationSchema } from '@parley/protocol/conversation-schemas';
import { z } from 'zod';
import { updateConversation } from '../../../core/conversation/update-conversation.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentConversation } from '../../present/conversation.ts';
import type { RouteParts } from '../../route-parts.ts';

export const updateConversationRoute = ({
  clock,
  lookForReplies,
}: Pick<RouteParts, 'clock' | 'lookForReplies'>): Route =>
  defineChange({
    method: 'PATCH',
    path: '/v1/conversations/:conversation_id',
    operationId: 'updateConversation',
    summary: 'Change status or metadata',
    description:
      "`human` gives the conversation to a person: the bot keeps silent, messages are stored, and `POST …/reply` answers them. `open` gives it back. After one is `closed`, the user's next message goes to their latest other one, or starts one; opening it again brings the user back to it. A message that names it by `conversation_id` opens it again, also a visitor's.",
    tag: 'Conversations',
    access: { principals: ['key', 'session'], scope: 'conversations:write' },
    params: z.strictObject({ conversation_id: conversationId }),
    body: updateConversationSchema,
    replies: { 200: conversationSchema },
    errors: ['invalid_request', 'not_found'],
    handler: async (writers, { principal, params, body }) => {
      const updated = await updateConversation(
        writers,
        {
          principal,
          conversationId: params.conversation_id,
          status: body.status ?? null,
          assignee: body.assignee,
          metadata: body.metadata ?? null,
        },
        { clock, lookForReplies },
      );
      return { status: 200, body: presentConversation(updated) };
    },
  });
