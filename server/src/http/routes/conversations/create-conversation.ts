import { conversationWithMessagesSchema, createConversationSchema } from '@parley/protocol/conversation-schemas';
import { createConversation } from '../../../core/conversation/create-conversation.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentConversationWithMessages } from '../../present/conversation.ts';
import type { RouteParts } from '../../route-parts.ts';

export const createConversationRoute = ({ clock }: Pick<RouteParts, 'clock'>): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/conversations',
    operationId: 'createConversation',
    summary: 'Start a conversation',
    description:
      "Starts with the bot's greeting, which is not charged. With a `user_id` it is the conversation that the user's next message goes to.",
    tag: 'Conversations',
    access: { principals: ['key', 'session'], scope: 'conversations:write' },
    body: createConversationSchema,
    replies: { 201: conversationWithMessagesSchema },
    errors: ['not_found'],
    handler: async (writers, { principal, body }) => {
      const created = await createConversation(
        writers,
        {
          principal,
          botId: body.bot_id,
          userId: body.user_id ?? null,
          channel: principal.kind === 'session' ? 'console' : 'api',
          metadata: body.metadata ?? {},
        },
        { clock },
      );
      return { status: 201, body: presentConversationWithMessages(created, principal) };
    },
  });
