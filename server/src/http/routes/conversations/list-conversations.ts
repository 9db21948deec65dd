import { listOf } from '@parley/protocol/common-schemas';
import { conversationSchema, listConversationsQuery } from '@parley/protocol/conversation-schemas';
import { listConversations } from '../../../core/conversation/list-conversations.ts';
import { ParleyError } from '../../../core/error.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { forCaller } from '../../present/for-caller.ts';
import { presentConversation } from '../../present/conversation.ts';
import { presentList, toPageRequest } from '../../present/list.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listConversationsRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/conversations',
    operationId: 'listConversations',
    summary: 'List conversations',
    description:
      'Newest first. Filters narrow the list together. A visitor gets their own, without `metadata`, and may not filter by `user_id` or `q`.',
    tag: 'Conversations',
    access: { principals: ['key', 'session', 'visitor'], scope: 'conversations:read' },
    query: listConversationsQuery,
    replies: { 200: listOf(conversationSchema) },
    errors: ['invalid_request', 'overloaded'],
    handler: async ({ principal, query }) => {
      if (principal.kind === 'visitor') assertOwnList(query);
      const page = await listConversations(
        readers,
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
      return { status: 200, body: presentList(page, forCaller(principal, presentConversation)) };
    },
  });

/** A visitor's list is theirs whatever they ask for, and a search costs more than anybody without a name may spend. */
const assertOwnList = (query: { user_id?: string | undefined; q?: string | undefined }): void => {
  const param = query.user_id === undefined ? 'q' : 'user_id';
  if (query[param] === undefined) return;
  throw new ParleyError('invalid_request', `A publishable key cannot filter by \`${param}\`: leave it out.`, { param });
};
