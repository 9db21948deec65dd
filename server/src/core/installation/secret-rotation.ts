import type { Clock } from '../../kit/clock.ts';
import type { Transact, Writers } from '../store.ts';
import type { RotationReader } from './rotation-reader.ts';
import { nextFingerprintName, rotationStartName, secretFingerprintName } from './installation-settings.ts';

/**
 * How one master secret takes the place of another. The server is started with both. What it can read again it seals anew
 * in a job; an API key, of which it has only an HMAC, it knows by either and hashes anew when it is next used. Until all
 * of it stands under the new one, both are needed, and the store says so by two fingerprints.
 */

/** Of the master secret in force, and of the one that it replaces. */
export type Fingerprints = { current: string; previous: string | null };

/**
 * `settled`: everything stands under the current secret. `rotating`: under the current and the previous one.
 * `not_begun`: under the previous one, and the caller must not begin. `foreign`: under one that was not given.
 * `unfinished`: under the one that was given and another.
 */
export type SecretStanding = 'settled' | 'rotating' | 'not_begun' | 'foreign' | 'unfinished';

/** Compares the given secrets with those that the store stands under, and begins a rotation where `begin` allows. */
export const admitSecret = (
  transact: Transact,
  { current, previous }: Fingerprints,
  { begin, clock }: { begin: boolean; clock: Clock },
): Promise<SecretStanding> =>
  transact(async (writers) => {
    const { settings } = writers;
    const settled = await settings.get(secretFingerprintName);
    const next = await settings.get(nextFingerprintName);
    if (settled === null) {
      await settings.set(secretFingerprintName, current);
      return 'settled';
    }
    const inUse = [...new Set([settled, next ?? settled])];
    const missing = inUse.filter((fingerprint) => fingerprint !== current && fingerprint !== previous);
    if (missing.length > 0) return inUse.length > missing.length ? 'unfinished' : 'foreign';
    const old = inUse.find((fingerprint) => fingerprint !== current);
    if (old === undefined) return 'settled';
    if (next !== current) {
      if (!begin) return 'not_begun';
      await settings.set(secretFingerprintName, old);
      await settings.set(nextFingerprintName, current);
      await settings.set(rotationStartName, String(clock()));
    }
    if (begin) await lookAtRotation(writers, clock());
    return 'rotating';
  });

/** Has the job look at what is left, now or later. */
const lookAtRotation = ({ jobs }: Pick<Writers, 'jobs'>, runAt: number): Promise<void> =>
  jobs.enqueue({ workspaceId: null, kind: 'renew-secrets', payload: {}, dedupeKey: 'renew-secrets', runAt });

/** Until then a key that was not used yet may have been. */
const lookAgainMs = 30_000;

export type RotationParts = {
  transact: Transact;
  rotation: RotationReader;
  /** Of the current master secret. */
  fingerprint: string;
  pepperTag: string;
  clock: Clock;
};

/** Ends the rotation where nothing is left, and looks again later where something is. */
export const concludeRotation = async (parts: RotationParts): Promise<void> => {
  const { transact, rotation, fingerprint, pepperTag, clock } = parts;
  const startedAt = await transact(({ settings }) => rotationStart(settings, fingerprint));
  if (startedAt === null) return;
  const left = await rotation.left({ pepperTag, sealedBefore: startedAt, now: clock() });
  await transact(async (writers) => {
    const { settings } = writers;
    if ((await rotationStart(settings, fingerprint)) === null) return;
    if (left.secrets + left.keys + left.answers > 0) {
      await lookAtRotation(writers, clock() + lookAgainMs);
      return;
    }
    await settings.set(secretFingerprintName, fingerprint);
    await settings.remove(nextFingerprintName);
    await settings.remove(rotationStartName);
  });
};

/** Null where no rotation to this secret is under way. */
const rotationStart = async (settings: Writers['settings'], fingerprint: string): Promise<number | null> =>
  (await settings.get(nextFingerprintName)) === fingerprint ? Number(await settings.get(rotationStartName)) : null;
