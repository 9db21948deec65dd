import type { Config } from '../config/config.ts';
import { previousSecretPlace } from '../config/master-secret.ts';
import type { Secrets } from '../config/secrets.ts';
import { sealingKeyring } from '../config/sealing-keyring.ts';
import { pepperTag } from '../core/access/key-secret.ts';
import type { RotationLeft } from '../core/installation/rotation-reader.ts';
import { systemClock } from '../kit/clock.ts';
import { openStore } from '../store/open-store.ts';
import { type Finding, fact, warning } from './finding.ts';

/** How far the rotation of the master secret is, where there is a previous one. */
export const checkRotation = async (config: Config, secrets: Secrets): Promise<Finding[]> => {
  if (secrets.previousFingerprint === null) return [];
  const store = await openStore(config.store, { migrate: false, keyring: sealingKeyring(secrets) });
  try {
    const now = systemClock();
    const startedAt = await store.readers.rotation.startedAt();
    const left = await store.readers.rotation.left({
      pepperTag: pepperTag(secrets.keyFor('key-pepper')),
      sealedBefore: startedAt ?? 0,
      now,
    });
    return describe(left, { place: previousSecretPlace(config.secret), isUnderWay: startedAt !== null });
  } finally {
    await store.close();
  }
};

const describe = (left: RotationLeft, { place, isUnderWay }: { place: string; isUnderWay: boolean }): Finding[] => {
  const { secrets, keys, keyIds, answers } = left;
  if (secrets + keys + answers === 0) {
    if (isUnderWay) {
      return [
        warning(`the secret in ${place} is needed for another minute: a running server is about to note the end`),
      ];
    }
    return [fact(`nothing stands under the secret in ${place} any more: it may be removed`)];
  }
  const findings = [
    warning(
      `the secret in ${place} is still needed: ${secrets} sealed secrets, ${keys} keys that were not used since, ` +
        `${answers} stored answers`,
    ),
  ];
  if (keys > 0) {
    const more = keys > keyIds.length ? ' and others' : '';
    findings.push(warning(`use, rotate or revoke the keys ${keyIds.join(', ')}${more}, or keep that secret`));
  }
  return findings;
};
