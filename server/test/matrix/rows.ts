import type { Tenant } from './tenant.ts';

/**
 * What an operation needs beside the ids in its path to be valid. Ids in a body or a query are named as the tenant names
 * them; the test puts others in their place. An operation of the description without a row fails the test.
 */
export type Row = {
  body?: (tenant: Tenant) => Record<string, unknown>;
  query?: (tenant: Tenant) => Record<string, string>;
  /** What takes their place where a page sends the request, which may not say all that a server may. */
  ofPages?: Pick<Row, 'body' | 'query'>;
  /** True where the operation is a browser's alone, so that a server's key is refused. */
  visitorsOnly?: true;
  /** True where it takes other objects of the tenant with it. */
  last?: true;
  /** Why a request with the tenant's own ids is not answered with success. */
  refused?: string;
};

const none: Row = {};

export const rows: Readonly<Record<string, Row>> = {
  sendMessage: {
    body: ({ ids }) => ({ bot_id: ids['bot_id'], conversation_id: ids['conversation_id'], message: 'Hello.' }),
    ofPages: { body: () => ({ message: 'Hello.' }) },
  },
  getTurn: none,
  streamTurn: none,
  cancelTurn: none,
  getTurnContext: none,
  giveFeedback: { body: () => ({ rating: 'up' }) },
  createBot: { body: () => ({ name: 'New' }) },
  listBots: none,
  getBot: none,
  updateBot: { body: () => ({ tone: 'plain' }) },
  listBotVersions: none,
  getBotVersion: none,
  restoreBotVersion: none,
  deleteBot: { query: () => ({ confirm: 'Bot' }), last: true },
  createSource: { body: () => ({ type: 'text', title: 'More', text: 'More facts.' }) },
  listSources: none,
  getSource: none,
  listSourcePages: none,
  deleteSource: none,
  refreshSource: none,
  searchKnowledge: { body: () => ({ query: 'fact' }) },
  createConversation: { body: ({ ids }) => ({ bot_id: ids['bot_id'] }) },
  listConversations: {
    query: ({ ids }) => ({ bot_id: ids['bot_id'] ?? '', user_id: ids['user_id'] ?? '' }),
    ofPages: { query: () => ({}) },
  },
  getConversation: none,
  updateConversation: { body: () => ({ metadata: { seen: 'yes' } }) },
  deleteConversation: none,
  listMessages: none,
  importMessages: { body: () => ({ messages: [{ role: 'user', content: 'Earlier.' }] }) },
  answerConversation: { body: () => ({ content: 'A person speaks.' }), refused: 'nobody has taken the conversation' },
  listUsers: none,
  getUser: none,
  updateUser: { body: () => ({ traits: { plan: 'gold' } }) },
  eraseUser: { last: true },
  linkUsers: { body: ({ ids }) => ({ user_id: ids['other_user_id'] }) },
  unlinkUsers: none,
  exportUser: none,
  getErasure: none,
  getWorkspaceSettings: none,
  updateWorkspaceSettings: { body: () => ({ retention_days: 365 }) },
  getUsage: none,
  getDailyUsage: { query: ({ ids }) => ({ bot_id: ids['bot_id'] ?? '' }) },
  listLedger: none,
  createWorkspace: { body: () => ({ name: 'Nested' }), refused: 'a client has no clients of its own' },
  listWorkspaces: none,
  getWorkspace: { refused: 'a client does not see itself from its parent’s side' },
  updateWorkspace: { body: () => ({ name: 'Renamed' }), refused: 'as above' },
  deleteWorkspace: { query: ({ name }) => ({ confirm: name }), refused: 'as above' },
  listPlans: none,
  createKey: { body: ({ ids }) => ({ name: 'Key', scopes: ['chat'], bot_ids: [ids['bot_id']] }) },
  listKeys: none,
  getKey: none,
  revokeKey: none,
  rotateKey: { body: () => ({}) },
  finishRotation: none,
  listMembers: none,
  getMember: none,
  updateMember: { body: () => ({ role: 'member' }) },
  deleteMember: none,
  createInvitation: { body: ({ name }) => ({ email: `third@${name.toLowerCase()}.example`, role: 'viewer' }) },
  listInvitations: none,
  deleteInvitation: none,
  acceptInvitation: { body: () => ({ token: 'inv_nothing', name: 'X' }), refused: 'the token is none' },
  createProvider: {
    body: () => ({
      name: 'more',
      type: 'openai-compatible',
      base_url: 'https://models.invalid/v1',
      api_key: 'sk-test-1111',
      skip_test: true,
    }),
  },
  listProviders: none,
  getProvider: none,
  updateProvider: { body: () => ({ api_key: 'sk-test-2222', skip_test: true }) },
  deleteProvider: none,
  testProvider: none,
  listAuditLog: none,
  createUserTokenSecret: none,
  listUserTokenSecrets: none,
  deleteUserTokenSecret: none,
  getWidgetConfig: { visitorsOnly: true },
  renewEmbedToken: { visitorsOnly: true },
  createWebhookEndpoint: { body: () => ({ url: 'https://hook.invalid/', events: ['turn.failed'] }) },
  listWebhookEndpoints: none,
  getWebhookEndpoint: none,
  updateWebhookEndpoint: { body: () => ({ description: 'ours' }) },
  deleteWebhookEndpoint: none,
  rotateWebhookSecret: { body: () => ({}) },
  testWebhookEndpoint: none,
  listWebhookDeliveries: none,
  replayWebhookDelivery: none,
  replayWebhookDeliveries: { body: () => ({ since: '2020-01-01T00:00:00Z' }) },
};
