import type { TestProject } from 'vitest/node';
import { migratePostgres } from '../../src/store/postgres/migrate.ts';
import { runSql } from './run-sql.ts';
import { templateDatabase, TestPostgres } from './server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The port of this run's PostgreSQL; absent in projects that are on SQLite. */
    postgresPort?: number;
  }
}

/** One PostgreSQL for a run, with a migrated database from which those of the tests are copied. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const server = await TestPostgres.start();
  await runSql(server.url('postgres'), `create database ${templateDatabase}`);
  await migratePostgres(server.url(templateDatabase));
  project.provide('postgresPort', server.port);
  return () => server.close();
};
