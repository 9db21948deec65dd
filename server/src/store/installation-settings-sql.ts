import type { Kysely } from 'kysely';
import type { InstallationSettings } from '../core/installation/installation-settings.ts';
import type { Schema } from './schema.ts';

export const installationSettingsSql = (db: Kysely<Schema>): InstallationSettings => ({
  async get(name) {
    const row = await db.selectFrom('instance_settings').select('value').where('name', '=', name).executeTakeFirst();
    return row?.value ?? null;
  },

  async set(name, value) {
    await db
      .insertInto('instance_settings')
      .values({ name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute();
  },

  async remove(name) {
    await db.deleteFrom('instance_settings').where('name', '=', name).execute();
  },
});
