import type { Route } from '../define-route.ts';
import type { RouteParts } from '../route-parts.ts';
import { createBotRoute } from './bots/create-bot.ts';
import { deleteBotRoute } from './bots/delete-bot.ts';
import { getBotRoute } from './bots/get-bot.ts';
import { listBotsRoute } from './bots/list-bots.ts';
import { updateBotRoute } from './bots/update-bot.ts';
import { sendMessageRoute } from './chat/send-message.ts';
import { createConversationRoute } from './conversations/create-conversation.ts';
import { deleteConversationRoute } from './conversations/delete-conversation.ts';
import { getConversationRoute } from './conversations/get-conversation.ts';
import { importMessagesRoute } from './conversations/import-messages.ts';
import { listConversationsRoute } from './conversations/list-conversations.ts';
import { listMessagesRoute } from './conversations/list-messages.ts';
import { updateConversationRoute } from './conversations/update-conversation.ts';
import { createKeyRoute } from './keys/create-key.ts';
import { finishRotationRoute } from './keys/finish-rotation.ts';
import { getKeyRoute } from './keys/get-key.ts';
import { listKeysRoute } from './keys/list-keys.ts';
import { revokeKeyRoute } from './keys/revoke-key.ts';
import { rotateKeyRoute } from './keys/rotate-key.ts';
import { cancelTurnRoute } from './turns/cancel-turn.ts';
import { getTurnContextRoute } from './turns/get-turn-context.ts';
import { getTurnRoute } from './turns/get-turn.ts';
import { giveFeedbackRoute } from './turns/give-feedback.ts';
import { streamTurnRoute } from './turns/stream-turn.ts';
import { createSourceRoute } from './sources/create-source.ts';
import { deleteSourceRoute } from './sources/delete-source.ts';
import { getSourceRoute } from './sources/get-source.ts';
import { listSourcesRoute } from './sources/list-sources.ts';
import { refreshSourceRoute } from './sources/refresh-source.ts';
import { searchKnowledgeRoute } from './sources/search-knowledge.ts';
import { getDailyUsageRoute } from './usage/get-daily-usage.ts';
import { getUsageRoute } from './usage/get-usage.ts';
import { listLedgerRoute } from './usage/list-ledger.ts';

/** Every route of the API, by name. Those for operating the server are in `operations/index.ts`. */
const factories: readonly ((parts: RouteParts) => Route)[] = [
  sendMessageRoute,
  getTurnRoute,
  streamTurnRoute,
  cancelTurnRoute,
  getTurnContextRoute,
  giveFeedbackRoute,

  createBotRoute,
  listBotsRoute,
  getBotRoute,
  updateBotRoute,
  deleteBotRoute,

  createSourceRoute,
  listSourcesRoute,
  getSourceRoute,
  deleteSourceRoute,
  refreshSourceRoute,
  searchKnowledgeRoute,

  createConversationRoute,
  listConversationsRoute,
  getConversationRoute,
  updateConversationRoute,
  deleteConversationRoute,
  listMessagesRoute,
  importMessagesRoute,

  getUsageRoute,
  getDailyUsageRoute,
  listLedgerRoute,

  createKeyRoute,
  listKeysRoute,
  getKeyRoute,
  rotateKeyRoute,
  finishRotationRoute,
  revokeKeyRoute,
];

export const apiRoutes = (parts: RouteParts): Route[] => factories.map((factory) => factory(parts));
