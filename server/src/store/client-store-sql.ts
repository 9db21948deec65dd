import type { Kysely } from 'kysely';
import type { Client } from '../core/workspace/client.ts';
import type { ClientStore } from '../core/workspace/client-store.ts';
import { purgeWorkspace } from './delete-workspace-sql.ts';
import type { LeaseClock } from './lease-clock.ts';
import { readPage } from './page.ts';
import { rootOwner } from './quota-owner-rows.ts';
import type { Schema } from './schema.ts';

/** The clients of a workspace with the roots of their quota trees. */
const selectClients = (db: Kysely<Schema>, parentId: string) =>
  db
    .selectFrom('workspaces')
    .innerJoin('quota_owners as root', (join) =>
      join.onRef('root.workspace_id', '=', 'workspaces.id').onRef('root.id', '=', 'workspaces.id'),
    )
    .select([
      'workspaces.id',
      'workspaces.name',
      'workspaces.plan',
      'workspaces.branding',
      'workspaces.metadata',
      'workspaces.created_at',
      'workspaces.updated_at',
      'root.parent_id as shares_with',
      'root.hard_limit',
      'root.soft_limit',
    ])
    .where('workspaces.parent_id', '=', parentId)
    .where('workspaces.deleted_at', 'is', null);

type ClientRow = Awaited<ReturnType<ReturnType<typeof selectClients>['executeTakeFirstOrThrow']>>;

const toClient = (parentId: string, row: ClientRow): Client => ({
  id: row.id,
  parentId,
  name: row.name,
  plan: row.plan,
  share: row.shares_with === null ? null : { messagesPerMonth: row.hard_limit, warnAt: row.soft_limit },
  branding: readPairs(row.branding),
  metadata: readPairs(row.metadata),
  createdAt: row.created_at,
  updatedAt: row.updated_at ?? row.created_at,
});

const readPairs = (text: string | null): Record<string, string> =>
  text === null ? {} : (JSON.parse(text) as Record<string, string>);

const columnsOf = (client: Client) => ({
  name: client.name,
  plan: client.plan,
  branding: JSON.stringify(client.branding),
  metadata: JSON.stringify(client.metadata),
  updated_at: client.updatedAt,
});

const rootOf = (client: Client) =>
  rootOwner(client, 'client', client.share && { ...client.share, parentId: client.parentId });

export const clientStoreSql = (db: Kysely<Schema>, leases: LeaseClock): ClientStore => ({
  async find(parentId, clientId) {
    const row = await selectClients(db, parentId).where('workspaces.id', '=', clientId).executeTakeFirst();
    return row ? toClient(parentId, row) : null;
  },

  async list(parentId, page) {
    const { items, hasMore } = await readPage(selectClients(db, parentId), 'workspaces.id', page);
    return { items: items.map((row) => toClient(parentId, row)), hasMore };
  },

  async count(parentId) {
    const { count } = await db
      .selectFrom('workspaces')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('parent_id', '=', parentId)
      .where('deleted_at', 'is', null)
      .executeTakeFirstOrThrow();
    return Number(count);
  },

  async usage(parentId, periodStart, limit) {
    const rows = await selectClients(db, parentId)
      .leftJoin('quota_periods', (join) =>
        join
          .onRef('quota_periods.workspace_id', '=', 'workspaces.id')
          .onRef('quota_periods.owner_id', '=', 'workspaces.id')
          .on('quota_periods.period_start', '=', periodStart),
      )
      .select((select) => [
        select.fn.coalesce('quota_periods.used', select.lit(0)).as('used'),
        select.fn.coalesce('quota_periods.reserved', select.lit(0)).as('reserved'),
      ])
      .orderBy('used', 'desc')
      .orderBy('workspaces.id')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      client: toClient(parentId, row),
      used: Number(row.used),
      reserved: Number(row.reserved),
    }));
  },

  async insert(client) {
    await db
      .insertInto('workspaces')
      .values({
        ...columnsOf(client),
        id: client.id,
        parent_id: client.parentId,
        created_at: client.createdAt,
        deleted_at: null,
      })
      .execute();
    await db.insertInto('quota_owners').values(rootOf(client)).execute();
  },

  async update(client) {
    await db
      .updateTable('workspaces')
      .set(columnsOf(client))
      .where('id', '=', client.id)
      .where('parent_id', '=', client.parentId)
      .execute();
    const { parent_id, hard_limit, soft_limit } = rootOf(client);
    await db
      .updateTable('quota_owners')
      .set({ parent_id, hard_limit, soft_limit })
      .where('workspace_id', '=', client.id)
      .where('id', '=', client.id)
      .execute();
  },

  async markDeleted({ id, parentId }, at) {
    await db
      .updateTable('workspaces')
      .set({ deleted_at: at })
      .where('id', '=', id)
      .where('parent_id', '=', parentId)
      .execute();
    // answers kept for repeated requests would go on telling of it
    await db.deleteFrom('idempotency_keys').where('workspace_id', '=', parentId).where('subject_id', '=', id).execute();
  },

  purge: (workspaceId, { limit, at }) => purgeWorkspace(db, { workspaceId, limit, at, leases }),
});
