import { listOf } from '@parley/protocol/common-schemas';
import { conversationSchema, listConversationsQuery } from '@parley/protocol/conversation-schemas';
import { listConversations } from '../../../core/conversation/list-conversations.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentConversation } from '../../present/conversation.ts';
import { presentList, toPageRequest } from '../../present/list.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listConversationsRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/conversations',
    operationId: 'listConversations',
    summary: 'List conversations',
    description: 'Newest first. Filters narrow the list together.',
    tag: 'Conversations',
    access: { principals: ['key', 'session'], scope: 'conversations:read' },
    query: listConversationsQuery,
    replies: { 200: listOf(conversationSchema) },
    errors: ['invalid_request', 'overloaded'],
    handler: async ({ principal, query }) => {
      const page = await listConversations(
        readers.conversations,
        {
          principal,
          ...(query.bot_id === undefined ? {} : { botId: query.bot_id }),
          ...(query.user_id === undefined ? {} : { userId: query.user_id }),
          ...(query.channel === undefined ? {} : { channel: query.channel }),
          ...(query.status === undefined ? {} : { status: query.status }),
          ...(query.q === undefined ? {} : { query: query.q }),
        },
        toPageRequest(query),
      );
      return { status: 200, body: presentList(page, presentConversation) };
    },
  });
