import { type Kysely, sql } from 'kysely';
import { userOwnerId } from '../core/usage/quota-owner.ts';
import { packOwners, readOwners } from './quota-owners-text.ts';
import type { Schema } from './schema.ts';
import { visitorPrefix } from './visitors-before-sql.ts';

/** Turns that are looked at in one batch, and those of them that are written: some milliseconds either way. */
const turnsPerLook = 5_000;
const turnsPerBatch = 200;

type Of = { workspaceId: string; erasureId: string; afterTurnId: string };

/** See `UserStore.forgetInTurns`. Turns of conversations that are leaving go with them, and open ones were ended. */
export const forgetInTurns = async (
  db: Kysely<Schema>,
  { workspaceId, erasureId, afterTurnId }: Of,
): Promise<string | null> => {
  const erasure = await db
    .selectFrom('erasures')
    .select(['mode', 'subjects'])
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', erasureId)
    .executeTakeFirst();
  // nothing of test mode is reserved
  if (!erasure || erasure.subjects === null || erasure.mode !== 'live') return null;
  const userIds = JSON.parse(erasure.subjects) as string[];
  const ownerIds = userIds.map((userId) => userOwnerId(userId));
  const principals = userIds.map((userId) => visitorPrefix + userId);
  const behind = db
    .selectFrom('turns')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('id', '>', afterTurnId)
    .orderBy('id');
  const last = await behind
    .offset(turnsPerLook - 1)
    .limit(1)
    .executeTakeFirst();
  const counted = await db
    .selectFrom('turns')
    .select(['id', 'quota_owners', 'principal'])
    .where('workspace_id', '=', workspaceId)
    .where('id', '>', afterTurnId)
    .$if(last !== undefined, (all) => all.where('id', '<=', last?.id ?? ''))
    .where('status', 'not in', ['queued', 'running'])
    .where((where) => where.or([where('principal', 'in', principals), ...ownerIds.map((ownerId) => names(ownerId))]))
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('conversations')
            .select('conversations.id')
            .whereRef('conversations.workspace_id', '=', 'turns.workspace_id')
            .whereRef('conversations.id', '=', 'turns.conversation_id')
            .where('conversations.deleted_at', 'is not', null),
        ),
      ),
    )
    .orderBy('id')
    .limit(turnsPerBatch)
    .execute();
  for (const turn of counted) {
    const left = readOwners(turn.quota_owners, workspaceId).filter(({ ownerId }) => !ownerIds.includes(ownerId));
    await db
      .updateTable('turns')
      .set({
        quota_owners: packOwners(left),
        principal: principals.includes(turn.principal) ? visitorPrefix : turn.principal,
      })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', turn.id)
      .execute();
  }
  return (counted.length === turnsPerBatch ? counted.at(-1) : last)?.id ?? null;
};

/** As `packOwners` writes it, in what both databases know: other owners of the turn may be users, too. */
const names = (ownerId: string) =>
  sql<boolean>`replace(quota_owners, cast(${JSON.stringify(ownerId)} as text), '') <> quota_owners`;
