import { z } from 'zod';
import { idSchema, listOf, pageQuery, timestamp } from './common-schemas.ts';

const auditEntryId = idSchema('audit', 'an entry of the audit log');

/** As many characters as the longest actor, action or target has. */
const maxFilterLength = 300;

const filter = z.string().min(1).max(maxFilterLength).optional();

export const listAuditLogQuery = z.strictObject({
  ...pageQuery(auditEntryId),
  action: filter.describe('What was done, as `key.create`.'),
  actor: filter.describe('Who did it, as `key:key_…`.'),
  target: filter.describe('The id of what it was done to.'),
});

export const auditEntrySchema = z
  .strictObject({
    id: auditEntryId,
    object: z.literal('audit_entry'),
    actor: z.string().describe('`key:…`, `session:…`, `invitation:…`, `cli` or `system`.'),
    action: z.string(),
    target: z.string(),
    detail: z.unknown().describe('More about it; never content, never a secret.'),
    position: z.int().min(1).nullable().describe('Its place in the workspace’s chain, from 1.'),
    previous_hash: z.string().nullable().describe('The hash of the entry before; empty in the first.'),
    hash: z.string().nullable(),
    created_at: timestamp,
  })
  .meta({ id: 'AuditEntry' });

export const auditLogSchema = listOf(auditEntrySchema).meta({ id: 'AuditLog' });
