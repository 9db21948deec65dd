import type { Route } from '../../define-route.ts';
import type { RouteParts } from '../../route-parts.ts';
import { createConversationRoute } from './create-conversation.ts';
import { deleteConversationRoute } from './delete-conversation.ts';
import { getConversationRoute } from './get-conversation.ts';
import { importMessagesRoute } from './import-messages.ts';
import { listConversationsRoute } from './list-conversations.ts';
import { listMessagesRoute } from './list-messages.ts';
import { updateConversationRoute } from './update-conversation.ts';

type Parts = Pick<RouteParts, 'readers' | 'clock' | 'maxMessageCharacters' | 'endTurns'>;

export const conversationRoutes = (parts: Parts): Route[] => [
  createConversationRoute(parts),
  listConversationsRoute(parts),
  getConversationRoute(parts),
  updateConversationRoute(parts),
  deleteConversationRoute(parts),
  listMessagesRoute(parts),
  importMessagesRoute(parts),
];
