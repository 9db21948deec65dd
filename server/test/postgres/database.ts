import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { runSql } from './run-sql.ts';
import { databaseUrl, templateDatabase } from './server.ts';

const administrationUrl = (): string => databaseUrl(inject('postgresPort') ?? 0, 'postgres');

/** The address of an empty, migrated database, on the server of this run. Needs a project with `setup.ts`. */
export const createDatabase = async (options: { migrated: boolean } = { migrated: true }): Promise<string> => {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = options.migrated ? templateDatabase : 'template0';
  await runSql(administrationUrl(), `create database ${name} template ${template} strategy file_copy`);
  return databaseUrl(inject('postgresPort') ?? 0, name);
};

/** Ends every connection to it first. */
export const dropDatabase = async (url: string): Promise<void> => {
  await runSql(administrationUrl(), `drop database if exists ${new URL(url).pathname.slice(1)} with (force)`);
};
