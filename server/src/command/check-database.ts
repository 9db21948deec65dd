import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { secretPlace } from '../config/master-secret.ts';
import { checkSqlite, inspectSqlite, type SqliteInspection } from '../store/sqlite/inspect.ts';
import { type Finding, fact, problem, warning } from './finding.ts';

const checkMigrations = ({ pendingMigrations, unknownMigrations }: SqliteInspection): Finding => {
  if (unknownMigrations.length > 0) {
    return problem(
      `the database was used by a newer version of Parley (${unknownMigrations.join(', ')}): use that one`,
    );
  }
  if (pendingMigrations.length === 0) return fact('every migration is done');
  return problem(`migrations are waiting (${pendingMigrations.join(', ')}): run migrate, or restart the server`);
};

const checkFingerprint = (stored: string | null, given: string | null, config: Config): Finding => {
  const place = secretPlace(config.secret);
  if (given === null) return problem(`the secret that belongs to the database is not at ${place}: bring it back`);
  if (stored === null) return warning('the database has not been prepared yet: run start or migrate');
  if (stored === given) return fact(`the secret in ${place} belongs to the database (fingerprint ${given})`);
  return problem(
    `the secret in ${place} has the fingerprint ${given}, and the database was made under ${stored}: bring back the right one`,
  );
};

/** The database: can it be opened, is it whole, up to date, and is the secret its own. */
export const checkDatabase = (config: Config, secretFingerprint: string | null): Finding[] => {
  const { path } = config.store;
  if (!existsSync(path)) return [warning(`there is no database at ${path} yet: start makes it`)];
  try {
    const inspection = inspectSqlite(path);
    const faults = checkSqlite(path, 'quick');
    return [
      fact(`database ${path}, ${inspection.sizeBytes} bytes, SQLite ${inspection.sqliteVersion}`),
      checkMigrations(inspection),
      checkFingerprint(inspection.secretFingerprint, secretFingerprint, config),
      faults.length === 0
        ? fact('the file is whole')
        : problem(`the file is damaged: stop the server and restore a backup\n${faults.join('\n')}`),
    ];
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'for no known reason';
    return [problem(`the database at ${path} cannot be read (${reason}): restore a backup, or mend its permissions`)];
  }
};
