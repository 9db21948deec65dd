import { statSync } from 'node:fs';
import { nextFingerprintName, secretFingerprintName } from '../../core/installation/installation-settings.ts';
import type { StoreInspection } from '../inspection.ts';
import { migrations } from '../migrations/index.ts';
import { SqliteConnection } from './connection.ts';

export type SqliteInspection = StoreInspection & { sqliteVersion: string };

const tableExists = (connection: SqliteConnection, name: string): boolean =>
  connection.get("select 1 as found from sqlite_master where type = 'table' and name = ?", name) !== undefined;

/** Throws where there is no database at `path`, or it is none. */
export const inspectSqlite = (path: string): SqliteInspection => {
  const sizeBytes = statSync(path).size;
  const connection = new SqliteConnection(path, { readOnly: true });
  try {
    const applied = tableExists(connection, 'kysely_migration')
      ? connection.all<{ name: string }>('select name from kysely_migration order by name').map((row) => row.name)
      : [];
    const known = migrations.map((migration) => migration.name);
    const hasSettings = tableExists(connection, 'instance_settings');
    const settingOf = (name: string): string | null =>
      hasSettings
        ? (connection.get<{ value: string }>('select value from instance_settings where name = ?', name)?.value ?? null)
        : null;
    return {
      sqliteVersion: connection.get<{ version: string }>('select sqlite_version() as version')?.version ?? '',
      sizeBytes,
      pendingMigrations: known.filter((name) => !applied.includes(name)),
      unknownMigrations: applied.filter((name) => !known.includes(name)),
      secretFingerprint: settingOf(secretFingerprintName),
      nextSecretFingerprint: settingOf(nextFingerprintName),
    };
  } finally {
    connection.close();
  }
};

/** A database with more faults than this is lost anyway. */
const maxFaults = 20;

/**
 * Looks through the whole file: `quick` for its structure, `full` for its indexes and references too. The faults found,
 * none where it is whole.
 */
export const checkSqlite = (path: string, depth: 'quick' | 'full'): string[] => {
  const connection = new SqliteConnection(path, { readOnly: true });
  try {
    const pragma = depth === 'quick' ? 'quick_check' : 'integrity_check';
    const faults = connection
      .all<Record<string, string>>(`pragma ${pragma}(${maxFaults})`)
      .flatMap((row) => Object.values(row))
      .filter((line) => line !== 'ok');
    if (depth === 'quick') return faults;
    const orphans = connection.all<{ table: string }>('pragma foreign_key_check').slice(0, maxFaults);
    return [...faults, ...orphans.map((orphan) => `a row of ${orphan.table} refers to one that is not there`)];
  } finally {
    connection.close();
  }
};
