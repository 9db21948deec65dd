import type { Insertable, Kysely, Selectable } from 'kysely';
import type { WebhookEndpoint, WebhookEndpointStore } from '../core/webhook/webhook-endpoint.ts';
import type { Schema } from './schema.ts';
import type { WebhookEndpointsTable } from './tables/webhook-endpoints.ts';

/** Above what a workspace may have. */
const maxListed = 100;

export const toEndpoint = (row: Selectable<WebhookEndpointsTable>): WebhookEndpoint => ({
  id: row.id,
  workspaceId: row.workspace_id,
  url: row.url,
  events: JSON.parse(row.events) as WebhookEndpoint['events'],
  description: row.description ?? '',
  status: row.status,
  disabledReason: row.disabled_reason,
  failingSince: row.failing_since,
  createdAt: row.created_at,
  updatedAt: row.updated_at ?? row.created_at,
});

const toRow = (endpoint: WebhookEndpoint): Insertable<WebhookEndpointsTable> => ({
  workspace_id: endpoint.workspaceId,
  id: endpoint.id,
  url: endpoint.url,
  events: JSON.stringify(endpoint.events),
  status: endpoint.status,
  description: endpoint.description,
  disabled_reason: endpoint.disabledReason,
  failing_since: endpoint.failingSince,
  created_at: endpoint.createdAt,
  updated_at: endpoint.updatedAt,
});

export const webhookEndpointStoreSql = (db: Kysely<Schema>): WebhookEndpointStore => ({
  async find(workspaceId, endpointId) {
    const row = await db
      .selectFrom('webhook_endpoints')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', endpointId)
      .executeTakeFirst();
    return row ? toEndpoint(row) : null;
  },

  async list(workspaceId) {
    const rows = await db
      .selectFrom('webhook_endpoints')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .orderBy('id', 'desc')
      .limit(maxListed)
      .execute();
    return rows.map(toEndpoint);
  },

  async insert(endpoint) {
    await db.insertInto('webhook_endpoints').values(toRow(endpoint)).execute();
  },

  async update(endpoint) {
    await db
      .updateTable('webhook_endpoints')
      .set(toRow(endpoint))
      .where('workspace_id', '=', endpoint.workspaceId)
      .where('id', '=', endpoint.id)
      .execute();
  },

  async noteAttempt(workspaceId, endpointId, { failed, at }) {
    await db
      .updateTable('webhook_endpoints')
      .set((set) => ({ failing_since: failed ? set.fn.coalesce('failing_since', set.val(at)) : null }))
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', endpointId)
      .execute();
  },

  async remove(workspaceId, endpointId) {
    await db
      .deleteFrom('webhook_endpoints')
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', endpointId)
      .execute();
  },
});
