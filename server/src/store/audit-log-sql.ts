import type { Kysely } from 'kysely';
import type { AuditLog } from '../core/audit/audit-log.ts';
import { newId } from '../kit/id.ts';
import type { Schema } from './schema.ts';

export const auditLogSql = (db: Kysely<Schema>): AuditLog => ({
  async append(entry) {
    await db
      .insertInto('audit_log')
      .values({
        workspace_id: entry.workspaceId,
        id: newId('audit'),
        actor: entry.actor,
        action: entry.action,
        target: entry.target,
        detail: JSON.stringify(entry.detail),
        created_at: entry.at,
      })
      .execute();
  },
});
