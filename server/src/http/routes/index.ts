import type { Route } from '../define-route.ts';
import { assertKnownPublic } from '../public-routes.ts';
import type { RouteParts } from '../route-parts.ts';
import { listAuditLogRoute } from './audit-log/list-audit-log.ts';
import { createBotRoute } from './bots/create-bot.ts';
import { deleteBotRoute } from './bots/delete-bot.ts';
import { getBotRoute } from './bots/get-bot.ts';
import { getBotVersionRoute } from './bots/get-bot-version.ts';
import { listBotVersionsRoute } from './bots/list-bot-versions.ts';
import { restoreBotVersionRoute } from './bots/restore-bot-version.ts';
import { listBotsRoute } from './bots/list-bots.ts';
import { updateBotRoute } from './bots/update-bot.ts';
import { sendMessageRoute } from './chat/send-message.ts';
import { embedConnectionRoute, embedPageRoute, embedScriptRoute, embedStyleRoute } from './embed/embed-page.ts';
import { renewEmbedTokenRoute } from './embed/renew-embed-token.ts';
import { createUserTokenSecretRoute } from './user-token-secrets/create-user-token-secret.ts';
import { deleteUserTokenSecretRoute } from './user-token-secrets/delete-user-token-secret.ts';
import { listUserTokenSecretsRoute } from './user-token-secrets/list-user-token-secrets.ts';
import { getWidgetConfigRoute } from './widget/get-widget-config.ts';
import { answerConversationRoute } from './conversations/answer-conversation.ts';
import { createConversationRoute } from './conversations/create-conversation.ts';
import { deleteConversationRoute } from './conversations/delete-conversation.ts';
import { getConversationRoute } from './conversations/get-conversation.ts';
import { importMessagesRoute } from './conversations/import-messages.ts';
import { listConversationsRoute } from './conversations/list-conversations.ts';
import { listMessagesRoute } from './conversations/list-messages.ts';
import { updateConversationRoute } from './conversations/update-conversation.ts';
import { acceptInvitationRoute } from './invitations/accept-invitation.ts';
import { createInvitationRoute } from './invitations/create-invitation.ts';
import { deleteInvitationRoute } from './invitations/delete-invitation.ts';
import { listInvitationsRoute } from './invitations/list-invitations.ts';
import { createKeyRoute } from './keys/create-key.ts';
import { finishRotationRoute } from './keys/finish-rotation.ts';
import { getKeyRoute } from './keys/get-key.ts';
import { listKeysRoute } from './keys/list-keys.ts';
import { revokeKeyRoute } from './keys/revoke-key.ts';
import { rotateKeyRoute } from './keys/rotate-key.ts';
import { deleteMemberRoute } from './members/delete-member.ts';
import { getMemberRoute } from './members/get-member.ts';
import { listMembersRoute } from './members/list-members.ts';
import { updateMemberRoute } from './members/update-member.ts';
import { createProviderRoute } from './providers/create-provider.ts';
import { deleteProviderRoute } from './providers/delete-provider.ts';
import { getProviderRoute } from './providers/get-provider.ts';
import { listProvidersRoute } from './providers/list-providers.ts';
import { testProviderRoute } from './providers/test-provider.ts';
import { updateProviderRoute } from './providers/update-provider.ts';
import { cancelTurnRoute } from './turns/cancel-turn.ts';
import { getTurnContextRoute } from './turns/get-turn-context.ts';
import { getTurnRoute } from './turns/get-turn.ts';
import { giveFeedbackRoute } from './turns/give-feedback.ts';
import { streamTurnRoute } from './turns/stream-turn.ts';
import { createSourceRoute } from './sources/create-source.ts';
import { deleteSourceRoute } from './sources/delete-source.ts';
import { getSourceRoute } from './sources/get-source.ts';
import { listSourcesRoute } from './sources/list-sources.ts';
import { listSourcePagesRoute } from './sources/list-source-pages.ts';
import { refreshSourceRoute } from './sources/refresh-source.ts';
import { searchKnowledgeRoute } from './sources/search-knowledge.ts';
import { createWorkspaceRoute } from './workspaces/create-workspace.ts';
import { deleteWorkspaceRoute } from './workspaces/delete-workspace.ts';
import { getWorkspaceRoute } from './workspaces/get-workspace.ts';
import { listWorkspacesRoute } from './workspaces/list-workspaces.ts';
import { updateWorkspaceRoute } from './workspaces/update-workspace.ts';
import { listPlansRoute } from './plans/list-plans.ts';
import { eraseUserRoute } from './users/erase-user.ts';
import { exportUserRoute } from './users/export-user.ts';
import { getErasureRoute } from './users/get-erasure.ts';
import { getUserRoute } from './users/get-user.ts';
import { linkUsersRoute } from './users/link-users.ts';
import { listUsersRoute } from './users/list-users.ts';
import { unlinkUsersRoute } from './users/unlink-users.ts';
import { updateUserRoute } from './users/update-user.ts';
import { getSettingsRoute } from './workspace/get-settings.ts';
import { updateSettingsRoute } from './workspace/update-settings.ts';
import { getDailyUsageRoute } from './usage/get-daily-usage.ts';
import { getUsageRoute } from './usage/get-usage.ts';
import { listLedgerRoute } from './usage/list-ledger.ts';
import { createWebhookEndpointRoute } from './webhook-endpoints/create-webhook-endpoint.ts';
import { deleteWebhookEndpointRoute } from './webhook-endpoints/delete-webhook-endpoint.ts';
import { getWebhookEndpointRoute } from './webhook-endpoints/get-webhook-endpoint.ts';
import { listWebhookDeliveriesRoute } from './webhook-endpoints/list-webhook-deliveries.ts';
import { listWebhookEndpointsRoute } from './webhook-endpoints/list-webhook-endpoints.ts';
import { replayWebhookDeliveriesRoute } from './webhook-endpoints/replay-webhook-deliveries.ts';
import { replayWebhookDeliveryRoute } from './webhook-endpoints/replay-webhook-delivery.ts';
import { rotateWebhookSecretRoute } from './webhook-endpoints/rotate-webhook-secret.ts';
import { testWebhookEndpointRoute } from './webhook-endpoints/test-webhook-endpoint.ts';
import { updateWebhookEndpointRoute } from './webhook-endpoints/update-webhook-endpoint.ts';

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
  listBotVersionsRoute,
  getBotVersionRoute,
  restoreBotVersionRoute,
  deleteBotRoute,

  createSourceRoute,
  listSourcesRoute,
  listSourcePagesRoute,
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
  answerConversationRoute,

  listUsersRoute,
  getUserRoute,
  updateUserRoute,
  linkUsersRoute,
  unlinkUsersRoute,
  exportUserRoute,
  eraseUserRoute,
  getErasureRoute,

  getSettingsRoute,
  updateSettingsRoute,

  getUsageRoute,
  getDailyUsageRoute,
  listLedgerRoute,

  createWorkspaceRoute,
  listWorkspacesRoute,
  getWorkspaceRoute,
  updateWorkspaceRoute,
  deleteWorkspaceRoute,
  listPlansRoute,

  createKeyRoute,
  listKeysRoute,
  getKeyRoute,
  rotateKeyRoute,
  finishRotationRoute,
  revokeKeyRoute,

  listMembersRoute,
  getMemberRoute,
  updateMemberRoute,
  deleteMemberRoute,
  createInvitationRoute,
  listInvitationsRoute,
  deleteInvitationRoute,
  acceptInvitationRoute,
  createProviderRoute,
  listProvidersRoute,
  getProviderRoute,
  updateProviderRoute,
  deleteProviderRoute,
  testProviderRoute,
  listAuditLogRoute,

  createUserTokenSecretRoute,
  listUserTokenSecretsRoute,
  deleteUserTokenSecretRoute,
  getWidgetConfigRoute,
  renewEmbedTokenRoute,
  embedPageRoute,
  embedScriptRoute,
  embedConnectionRoute,
  embedStyleRoute,

  createWebhookEndpointRoute,
  listWebhookEndpointsRoute,
  getWebhookEndpointRoute,
  updateWebhookEndpointRoute,
  deleteWebhookEndpointRoute,
  rotateWebhookSecretRoute,
  testWebhookEndpointRoute,
  listWebhookDeliveriesRoute,
  replayWebhookDeliveryRoute,
  replayWebhookDeliveriesRoute,
];

export const apiRoutes = (parts: RouteParts): Route[] => assertKnownPublic(factories.map((factory) => factory(parts)));
