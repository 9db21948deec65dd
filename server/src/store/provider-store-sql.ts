import type { Kysely, Selectable } from 'kysely';
import type { Provider, ProviderStore, WorkspaceProviderType } from '../core/provider/provider.ts';
import { readPage } from './page.ts';
import type { Schema } from './schema.ts';
import type { ProvidersTable } from './tables/providers.ts';

const toProvider = (row: Selectable<ProvidersTable>): Provider => ({
  id: row.id,
  workspaceId: row.workspace_id,
  name: row.name,
  type: row.type as WorkspaceProviderType,
  baseUrl: row.base_url,
  secretId: row.secret_id,
  lastFour: row.last_four,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

export const providerStoreSql = (db: Kysely<Schema>): ProviderStore => {
  const select = (workspaceId: string) =>
    db.selectFrom('providers').selectAll().where('workspace_id', '=', workspaceId);
  return {
    async find(workspaceId, providerId) {
      const row = await select(workspaceId).where('id', '=', providerId).executeTakeFirst();
      return row ? toProvider(row) : null;
    },

    async findByName(workspaceId, name) {
      const row = await select(workspaceId).where('name', '=', name).executeTakeFirst();
      return row ? toProvider(row) : null;
    },

    async list(workspaceId, page) {
      const { items, hasMore } = await readPage(select(workspaceId), 'id', page);
      return { items: items.map(toProvider), hasMore };
    },

    async count(workspaceId) {
      const { count } = await db
        .selectFrom('providers')
        .select(({ fn }) => fn.countAll().as('count'))
        .where('workspace_id', '=', workspaceId)
        .executeTakeFirstOrThrow();
      return Number(count);
    },

    async insert(provider) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('providers')
        .values({
          workspace_id: provider.workspaceId,
          id: provider.id,
          name: provider.name,
          type: provider.type,
          base_url: provider.baseUrl,
          secret_id: provider.secretId,
          last_four: provider.lastFour,
          created_at: provider.createdAt,
          updated_at: provider.updatedAt,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },

    async update(provider) {
      await db
        .updateTable('providers')
        .set({
          base_url: provider.baseUrl,
          secret_id: provider.secretId,
          last_four: provider.lastFour,
          updated_at: provider.updatedAt,
        })
        .where('workspace_id', '=', provider.workspaceId)
        .where('id', '=', provider.id)
        .execute();
    },

    async remove(workspaceId, providerId) {
      await db.deleteFrom('providers').where('workspace_id', '=', workspaceId).where('id', '=', providerId).execute();
    },
  };
};
