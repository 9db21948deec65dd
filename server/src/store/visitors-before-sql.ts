import type { Kysely } from 'kysely';
import type { UserIds } from '../core/user/user-store.ts';
import type { Schema } from './schema.ts';

/** As `principalName` writes it; alone, of a visitor who was erased. */
export const visitorPrefix = 'visitor:';

/** See `UserStore.visitorsBefore`. Who began a conversation sent the first of its turns. */
export const visitorsBefore = async (
  db: Kysely<Schema>,
  { workspaceId, mode, userIds }: UserIds,
): Promise<string[]> => {
  // what is marked as deleted stands in no index by its user
  const begun = await db
    .selectFrom('conversations')
    .select((select) =>
      select
        .selectFrom('turns')
        .select('turns.principal')
        .whereRef('turns.workspace_id', '=', 'conversations.workspace_id')
        .whereRef('turns.conversation_id', '=', 'conversations.id')
        .orderBy('turns.seq_base')
        .limit(1)
        .as('principal'),
    )
    .where('conversations.workspace_id', '=', workspaceId)
    .where('conversations.user_id', 'in', userIds)
    .where('conversations.mode', '=', mode)
    .where('conversations.deleted_at', 'is', null)
    .execute();
  const senders = new Set(begun.map(({ principal }) => principal ?? ''));
  const visitorIds = [...senders]
    .filter((principal) => principal.startsWith(visitorPrefix))
    .map((principal) => principal.slice(visitorPrefix.length))
    .filter((id) => !userIds.includes(id));
  if (visitorIds.length === 0) return [];
  // a known user's own principal is no user
  const rows = await db
    .selectFrom('users')
    .select('user_id')
    .where('workspace_id', '=', workspaceId)
    .where('mode', '=', mode)
    .where('user_id', 'in', visitorIds)
    .whereRef('person_id', '=', 'user_id')
    .execute();
  return rows.map((row) => row.user_id).toSorted();
};
