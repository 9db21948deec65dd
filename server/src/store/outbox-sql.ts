import type { Kysely } from 'kysely';
import type { Outbox } from '../core/webhook/outbox.ts';
import { newId } from '../kit/id.ts';
import type { LeaseClock } from './lease-clock.ts';
import type { Schema } from './schema.ts';

export const outboxSql = (db: Kysely<Schema>, leases: LeaseClock): Outbox => ({
  async append({ workspaceId, type, subjectId, at, id = newId('evt') }) {
    const listener = await db
      .selectFrom('webhook_endpoints')
      .select('id')
      .where('workspace_id', '=', workspaceId)
      .where('status', '=', 'enabled')
      .limit(1)
      .executeTakeFirst();
    if (!listener) return;
    await db
      .insertInto('outbox')
      .values({
        workspace_id: workspaceId,
        id,
        type,
        subject_id: subjectId,
        attempts: 0,
        available_at: leases.fromNow(0),
        created_at: at,
      })
      .execute();
  },
});
