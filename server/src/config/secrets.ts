import { hkdfSync } from 'node:crypto';
import type { SecretSource } from './config.ts';
import { ConfigError } from './config-error.ts';
import { missingSecret, readMasterSecret, readPreviousSecret } from './master-secret.ts';

/** Every use that a key has. Each gets its own, so that what leaks in one place opens nothing in another. */
export const secretPurposes = [
  /** API keys are stored as HMACs under it. */
  'key-pepper',
  /** Seals what the database holds and must give back: providers' keys, channels' tokens. */
  'secret-sealing',
  /** Signs the tokens by which an anonymous visitor is known again. */
  'visitor-tokens',
  /** Signs the tokens by which the page that is served to be framed proves where it came from. */
  'embed-tokens',
  /** Goes into the keys under which stored answers with a secret in them are sealed. */
  'idempotent-answers',
  /** Hides the names of counters that servers share. */
  'shared-counters',
] as const;

export type SecretPurpose = (typeof secretPurposes)[number];

/** The keys that follow from the master secret. The master secret itself is not kept. */
export type Secrets = Readonly<{
  /** 32 bytes, the same for the same purpose. */
  keyFor(purpose: SecretPurpose): Buffer;
  /** The key for the purpose and, while the master secret is rotated, the one it replaces: what either made must open. */
  keysFor(purpose: SecretPurpose): readonly [Buffer, ...Buffer[]];
  /** Tells master secrets apart without giving one away; kept in the database, so that a wrong one is noticed. */
  fingerprint: string;
  /** Of the master secret that is being replaced; null where none is. */
  previousFingerprint: string | null;
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

type DerivedKeys = { fingerprint: string; keyFor(purpose: SecretPurpose): Buffer };

const deriveKeys = (master: string): DerivedKeys => {
  const keys = new Map(secretPurposes.map((purpose) => [purpose, deriveKey(master, purpose, keyBytes)]));
  return {
    fingerprint: deriveKey(master, 'fingerprint', fingerprintBytes).toString('hex'),
    keyFor: (purpose) => keys.get(purpose) ?? deriveKey(master, purpose, keyBytes),
  };
};

/** `previous`: the master secret that this one replaces, where the replacing is not done yet. */
export const secretsFrom = (
  master: string,
  origin: { created: boolean; warnings: readonly string[]; previous?: string | null },
): Secrets => {
  const current = deriveKeys(master);
  const { previous: replaced } = origin;
  const previous = replaced == null || replaced === master ? null : deriveKeys(replaced);
  return Object.freeze({
    keyFor: (purpose: SecretPurpose) => current.keyFor(purpose),
    keysFor: (purpose: SecretPurpose): readonly [Buffer, ...Buffer[]] => [
      current.keyFor(purpose),
      ...(previous === null ? [] : [previous.keyFor(purpose)]),
    ],
    fingerprint: current.fingerprint,
    previousFingerprint: previous?.fingerprint ?? null,
    created: origin.created,
    warnings: origin.warnings,
  });
};

/**
 * Reads the master secret, making it where `create` allows, which it does where there is no database yet. Throws
 * ConfigError where it is missing, too weak or cannot be read.
 */
export const loadSecrets = (source: SecretSource, options: { create: boolean }): Secrets => {
  const master = readMasterSecret(source, options);
  if (master) {
    const previous = readPreviousSecret(source);
    const warnings = [...master.warnings, ...(previous?.warnings ?? [])];
    return secretsFrom(master.value, { created: master.created, warnings, previous: previous?.value ?? null });
  }
  throw new ConfigError([missingSecret(source)]);
};
