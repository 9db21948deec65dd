import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { missingSecret, previousSecretPlace, secretPlace } from '../config/master-secret.ts';
import type { Secrets } from '../config/secrets.ts';
import type { StoreInspection } from '../store/inspection.ts';
import { checkSqlite, inspectSqlite } from '../store/sqlite/inspect.ts';
import { checkPgvector, checkPostgres } from './check-postgres.ts';
import { type Finding, fact, problem, warning } from './finding.ts';

const checkMigrations = ({ pendingMigrations, unknownMigrations }: StoreInspection): Finding => {
  if (unknownMigrations.length > 0) {
    return problem(
      `the database was used by a newer version of Parley (${unknownMigrations.join(', ')}): use that one`,
    );
  }
  if (pendingMigrations.length === 0) return fact('every migration is done');
  return problem(`migrations are waiting (${pendingMigrations.join(', ')}): run migrate, or restart the server`);
};

const checkFingerprint = (inspection: StoreInspection, secrets: Secrets | null, config: Config): Finding => {
  const { secretFingerprint: stored, nextSecretFingerprint: next } = inspection;
  const given = secrets?.fingerprint ?? null;
  const place = secretPlace(config.secret);
  if (given === null) return problem(missingSecret(config.secret));
  if (stored === null) return warning('the database has not been prepared yet: run start or migrate');
  if (next !== null)
    return checkBothFingerprints([stored, next], [given, secrets?.previousFingerprint ?? null], config);
  if (stored === given) return fact(`the secret in ${place} belongs to the database (fingerprint ${given})`);
  if (stored === secrets?.previousFingerprint) {
    return warning(
      `the database stands under the secret in ${previousSecretPlace(config.secret)}: the next start begins to replace it`,
    );
  }
  return problem(
    `the secret in ${place} has the fingerprint ${given}, and the database was made under ${stored}: bring back the right one`,
  );
};

/** A rotation needs both secrets until its end. */
const checkBothFingerprints = (needed: readonly string[], given: readonly (string | null)[], config: Config): Finding =>
  needed.every((fingerprint) => given.includes(fingerprint))
    ? fact('the secret is being replaced, and both are at hand')
    : problem(
        `the rotation of the secret is not finished: bring the other one back to ${previousSecretPlace(config.secret)}`,
      );

/** The database: can it be opened, is it whole, up to date, and is the secret its own. */
export const checkDatabase = async (config: Config, secrets: Secrets | null): Promise<Finding[]> => {
  const { store } = config;
  if (store.kind === 'sqlite') return checkFile(store.path, config, secrets);
  return checkPostgres(store, (inspection) => [
    checkMigrations(inspection),
    checkFingerprint(inspection, secrets, config),
    ...checkPgvector(inspection, config),
  ]);
};

const checkFile = (path: string, config: Config, secrets: Secrets | null): Finding[] => {
  if (!existsSync(path)) return [warning(`there is no database at ${path} yet: start makes it`)];
  try {
    const inspection = inspectSqlite(path);
    const faults = checkSqlite(path, 'quick');
    return [
      fact(`database ${path}, ${inspection.sizeBytes} bytes, SQLite ${inspection.sqliteVersion}`),
      checkMigrations(inspection),
      checkFingerprint(inspection, secrets, config),
      faults.length === 0
        ? fact('the file is whole')
        : problem(`the file is damaged: stop the server and restore a backup\n${faults.join('\n')}`),
    ];
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'for no known reason';
    return [problem(`the database at ${path} cannot be read (${reason}): restore a backup, or mend its permissions`)];
  }
};
