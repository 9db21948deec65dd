import { conversationId, listOf, messageId, pageQuery } from '@parley/protocol/common-schemas';
import { messageSchema } from '@parley/protocol/message-schemas';
import { z } from 'zod';
import { listMessages } from '../../../core/conversation/list-messages.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentList, toPageRequest } from '../../present/list.ts';
import { forCaller } from '../../present/for-caller.ts';
import { presentMessage } from '../../present/message.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listMessagesRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/conversations/:conversation_id/messages',
    operationId: 'listMessages',
    summary: 'List the messages of a conversation',
    description:
      'Newest first, by their place in the conversation: a reply stands next to its question. A cursor may name a message that retention has removed since: what is left is newer.',
    tag: 'Conversations',
    access: { principals: ['key', 'session', 'visitor'], scope: 'conversations:read' },
    params: z.strictObject({ conversation_id: conversationId }),
    query: z.strictObject(pageQuery(messageId)),
    replies: { 200: listOf(messageSchema) },
    errors: ['invalid_request', 'not_found'],
    handler: async ({ principal, params, query }) => {
      const request = { principal, conversationId: params.conversation_id };
      const page = await listMessages(readers.conversations, request, toPageRequest(query));
      return { status: 200, body: presentList(page, forCaller(principal, presentMessage)) };
    },
  });
