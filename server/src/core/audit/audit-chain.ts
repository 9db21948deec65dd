import { hash } from 'node:crypto';
import type { AuditHead, AuditReader, AuditRecord } from './audit-log.ts';

/**
 * The audit log of a workspace is a chain: each entry holds the hash of the one before, and `audit_heads` the length and
 * the last hash. Whoever changes, removes or slips in an entry breaks it there; whoever cuts its end off breaks the head.
 * It has no key, so whoever may write the whole database can forge a whole chain: a head that was noted elsewhere tells.
 */

/** SHA-256, base64url, over everything an entry says and the hash of the one before. */
export const hashEntry = (entry: Omit<AuditRecord, 'hash'>): string =>
  hash(
    'sha256',
    JSON.stringify([
      entry.previousHash,
      entry.workspaceId,
      entry.position,
      entry.id,
      entry.actor,
      entry.action,
      entry.target,
      entry.detail,
      entry.at,
    ]),
    'base64url',
  );

/** What came of checking a chain. `broken`: the first position that does not fit, and how. */
export type ChainCheck = { head: AuditHead; broken: { position: number; reason: string } | null };

/** Entries read at once. */
const batchSize = 500;

/** Follows a chain from its first entry to its head; what is added meanwhile is not looked at. */
export const checkChain = async (audit: Pick<AuditReader, 'chain'>, head: AuditHead): Promise<ChainCheck> => {
  let position = 0;
  let previousHash = '';
  while (position < head.length) {
    const records = await audit.chain(head.workspaceId, position, Math.min(batchSize, head.length - position));
    if (records.length === 0) return { head, broken: { position: position + 1, reason: 'the entry is missing' } };
    for (const record of records) {
      const reason = faultOf(record, { position: position + 1, previousHash });
      if (reason !== null) return { head, broken: { position: position + 1, reason } };
      ({ position, hash: previousHash } = record);
    }
  }
  const whole = previousHash === head.hash;
  return { head, broken: whole ? null : { position, reason: 'the last entry is not the one that was written last' } };
};

const faultOf = (record: AuditRecord, expected: { position: number; previousHash: string }): string | null => {
  if (record.position !== expected.position) return 'the entry is missing';
  if (record.previousHash !== expected.previousHash) return 'it does not follow from the entry before';
  return hashEntry(record) === record.hash ? null : 'the entry was changed';
};
