import { conversationId } from '@parley/protocol/common-schemas';
import { conversationWithMessagesSchema, getConversationQuery } from '@parley/protocol/conversation-schemas';
import { z } from 'zod';
import { getConversation } from '../../../core/conversation/get-conversation.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentConversationWithMessages } from '../../present/conversation.ts';
import type { RouteParts } from '../../route-parts.ts';

export const getConversationRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/conversations/:conversation_id',
    operationId: 'getConversation',
    summary: 'Read a conversation with its latest messages',
    tag: 'Conversations',
    access: { principals: ['key', 'session', 'visitor'], scope: 'conversations:read' },
    params: z.strictObject({ conversation_id: conversationId }),
    query: getConversationQuery,
    replies: { 200: conversationWithMessagesSchema },
    errors: ['not_found'],
    handler: async ({ principal, params, query }) => {
      const found = await getConversation(readers.conversations, {
        principal,
        conversationId: params.conversation_id,
        latestMessages: query.messages,
      });
      return { status: 200, body: presentConversationWithMessages(found, principal) };
    },
  });
