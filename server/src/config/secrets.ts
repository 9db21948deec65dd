import { hkdfSync } from 'node:crypto';
import type { SecretSource } from './config.ts';
import { ConfigError } from './config-error.ts';
import { readMasterSecret } from './master-secret.ts';

/** Every use that a key has. Each gets its own, so that what leaks in one place opens nothing in another. */
export const secretPurposes = [
  /** API keys are stored as HMACs under it. */
  'key-pepper',
  /** Seals what the database holds and must give back: providers' keys, channels' tokens. */
  'secret-sealing',
  /** Signs the tokens by which an anonymous visitor is known again. */
  'visitor-tokens',
  /** Goes into the keys under which stored answers with a secret in them are sealed. */
  'idempotent-answers',
] as const;

export type SecretPurpose = (typeof secretPurposes)[number];

/** The keys that follow from the master secret. The master secret itself is not kept. */
export type Secrets = Readonly<{
  /** 32 bytes, the same for the same purpose. */
  keyFor(purpose: SecretPurpose): Buffer;
  /** Tells master secrets apart without giving one away; kept in the database, so that a wrong one is noticed. */
  fingerprint: string;
  /** True where the master secret was made just now. */
  created: boolean;
  warnings: readonly string[];
}>;

const keyBytes = 32;
const fingerprintBytes = 8;
/** Part of every derived key: another version is another set of keys. */
const derivationSalt = 'parley/keys/v1';

/** HKDF with SHA-256 (RFC 5869); the purpose is its `info`. */
export const deriveKey = (master: string, purpose: SecretPurpose | 'fingerprint', length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', master, derivationSalt, purpose, length));

export const secretsFrom = (master: string, origin: { created: boolean; warnings: readonly string[] }): Secrets => {
  const keys = new Map(secretPurposes.map((purpose) => [purpose, deriveKey(master, purpose, keyBytes)]));
  return Object.freeze({
    keyFor: (purpose: SecretPurpose) => keys.get(purpose) ?? deriveKey(master, purpose, keyBytes),
    fingerprint: deriveKey(master, 'fingerprint', fingerprintBytes).toString('hex'),
    created: origin.created,
    warnings: origin.warnings,
  });
};

/**
 * Reads the master secret, making it where `create` allows. Throws ConfigError where it is missing, too weak or cannot be
 * read.
 */
export const loadSecrets = (source: SecretSource, options: { create: boolean }): Secrets => {
  const master = readMasterSecret(source, options);
  if (master) return secretsFrom(master.value, master);
  const place = source.kind === 'file' ? source.path : 'PARLEY_SECRET';
  throw new ConfigError([`there is no secret at ${place}: run start or migrate first, or set PARLEY_SECRET`]);
};
