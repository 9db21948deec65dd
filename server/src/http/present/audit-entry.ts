import type { auditEntrySchema } from '@parley/protocol/audit-schemas';
import type { z } from 'zod';
import type { StoredAuditEntry } from '../../core/audit/audit-log.ts';
import { presentTime } from './time.ts';

export const presentAuditEntry = (entry: StoredAuditEntry): z.output<typeof auditEntrySchema> => ({
  id: entry.id,
  object: 'audit_entry',
  actor: entry.actor,
  action: entry.action,
  target: entry.target,
  detail: entry.detail,
  position: entry.link?.position ?? null,
  previous_hash: entry.link?.previousHash ?? null,
  hash: entry.link?.hash ?? null,
  created_at: presentTime(entry.at),
});
