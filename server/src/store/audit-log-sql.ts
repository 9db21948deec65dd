import type { Kysely, Selectable } from 'kysely';
import { hashEntry } from '../core/audit/audit-chain.ts';
import type { AuditLog, AuditReader, AuditRecord, StoredAuditEntry } from '../core/audit/audit-log.ts';
import type { Json } from '../core/json.ts';
import { newId } from '../kit/id.ts';
import type { LongReads } from './long-reads.ts';
import { readPage } from './page.ts';
import type { Schema } from './schema.ts';
import type { AuditLogTable } from './tables/audit-log.ts';

type AuditRow = Selectable<AuditLogTable>;

const linkOf = ({ position, previous_hash: previousHash, hash }: AuditRow): StoredAuditEntry['link'] =>
  position === null || previousHash === null || hash === null ? null : { position, previousHash, hash };

const toEntry = (row: AuditRow): StoredAuditEntry => ({
  id: row.id,
  workspaceId: row.workspace_id,
  actor: row.actor,
  action: row.action,
  target: row.target,
  detail: JSON.parse(row.detail) as Json,
  at: row.created_at,
  link: linkOf(row),
});

const toRecord = (row: AuditRow): AuditRecord => ({
  id: row.id,
  workspaceId: row.workspace_id,
  actor: row.actor,
  action: row.action,
  target: row.target,
  detail: row.detail,
  at: row.created_at,
  position: row.position ?? 0,
  previousHash: row.previous_hash ?? '',
  hash: row.hash ?? '',
});

/** `long`: where entries are passed over, and chains followed. One filter is served by an index. */
export const auditReaderSql = (db: Kysely<Schema>, long: LongReads): AuditReader => ({
  async list(workspaceId, { action, actor, target }, page) {
    const filters = [action, actor, target].filter((each) => each !== null).length;
    let query = (filters <= 1 ? db : long(workspaceId))
      .selectFrom('audit_log')
      .selectAll()
      .where('workspace_id', '=', workspaceId);
    if (action !== null) query = query.where('action', '=', action);
    if (actor !== null) query = query.where('actor', '=', actor);
    if (target !== null) query = query.where('target', '=', target);
    const { items, hasMore } = await readPage(query, 'id', page);
    return { items: items.map(toEntry), hasMore };
  },

  async heads(afterWorkspaceId, limit) {
    const rows = await long(null)
      .selectFrom('audit_heads')
      .selectAll()
      .where('workspace_id', '>', afterWorkspaceId)
      .orderBy('workspace_id')
      .limit(limit)
      .execute();
    return rows.map(({ workspace_id: workspaceId, length, hash }) => ({ workspaceId, length, hash }));
  },

  async chain(workspaceId, afterPosition, limit) {
    const rows = await long(null)
      .selectFrom('audit_log')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('position', '>', afterPosition)
      .orderBy('position')
      .limit(limit)
      .execute();
    return rows.map(toRecord);
  },
});

export const auditLogSql = (db: Kysely<Schema>): AuditLog => ({
  async append(entry) {
    const { workspaceId } = entry;
    // the head's row is locked until the end of the transaction: no two entries get the same place
    const head = await db
      .insertInto('audit_heads')
      .values({ workspace_id: workspaceId, length: 1, hash: '' })
      .onConflict((conflict) =>
        conflict.column('workspace_id').doUpdateSet((update) => ({ length: update('audit_heads.length', '+', 1) })),
      )
      .returning(['length', 'hash'])
      .executeTakeFirstOrThrow();
    const unsigned = {
      ...entry,
      id: newId('audit'),
      detail: JSON.stringify(entry.detail),
      position: Number(head.length),
      previousHash: head.hash,
    };
    const hash = hashEntry(unsigned);
    await db
      .insertInto('audit_log')
      .values({
        workspace_id: workspaceId,
        id: unsigned.id,
        actor: entry.actor,
        action: entry.action,
        target: entry.target,
        detail: unsigned.detail,
        created_at: entry.at,
        position: unsigned.position,
        previous_hash: unsigned.previousHash,
        hash,
      })
      .execute();
    await db.updateTable('audit_heads').set({ hash }).where('workspace_id', '=', workspaceId).execute();
  },
});
