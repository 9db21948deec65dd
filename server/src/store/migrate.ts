import { type Kysely, sql } from 'kysely';
import { type MigrationProvider, Migrator } from 'kysely/migration';
import type { Dialect } from './dialect.ts';
import { migrations } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';

const provider = (dialect: Dialect, steps: readonly Migration[]): MigrationProvider => ({
  getMigrations: () =>
    Promise.resolve(
      Object.fromEntries(
        steps.map((migration) => [
          migration.name,
          {
            up: async (db: Kysely<unknown>) => {
              for (const statement of [...dialect.giveWay, ...migration.up(dialect), ...dialect.sortTextByBytes]) {
                await sql.raw(statement).execute(db);
              }
            },
          },
        ]),
      ),
    ),
});

/** Brings the schema up to date, in one transaction; gives the names of the steps that were taken. */
export const migrate = async <Schema>(
  db: Kysely<Schema>,
  dialect: Dialect,
  steps: readonly Migration[] = migrations,
): Promise<string[]> => {
  const { error, results } = await new Migrator({ db, provider: provider(dialect, steps) }).migrateToLatest();
  if (error) throw error instanceof Error ? error : new Error('the migration failed', { cause: error });
  return (results ?? []).map((result) => result.migrationName);
};
