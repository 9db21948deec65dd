import type { Kysely } from 'kysely';
import type { Mode } from '../core/access/principal.ts';
import { newId } from '../kit/id.ts';
import { findLatestOpen, setCurrent, type UsersAndBot } from './current-conversation-sql.ts';
import type { Schema } from './schema.ts';

type Of = { workspaceId: string; mode: Mode };

/** See `UserStore.regroup`. */
export const regroupUsers = async (
  db: Kysely<Schema>,
  of: Of,
  groups: readonly (readonly string[])[],
): Promise<void> => {
  // first: whoever begins a conversation for one of them at the same time waits for it, or is seen by what follows
  await setPersons(db, of, groups);
  // what was current of them together may be of any of their bots
  const botIds = await findBots(db, { ...of, userIds: groups.flat() });
  for (const userIds of groups) {
    for (const botId of botIds) await shareCurrent(db, { ...of, botId, userIds });
  }
};

/** The bots with which these users have conversations. */
export const findBots = async (
  db: Kysely<Schema>,
  { workspaceId, mode, userIds }: Of & { userIds: readonly string[] },
): Promise<string[]> => {
  const rows = await db
    .selectFrom('conversations')
    .select('bot_id')
    .distinct()
    .where('workspace_id', '=', workspaceId)
    .where('user_id', 'in', userIds)
    .where('mode', '=', mode)
    .where('deleted_at', 'is', null)
    .execute();
  return rows.map((row) => row.bot_id);
};

/**
 * One by themselves is a person by their own id. Several get a new one, so that it never stands for another group. The rows
 * are taken in the order of their ids, as by everybody who takes several.
 */
const setPersons = async (
  db: Kysely<Schema>,
  { workspaceId, mode }: Of,
  groups: readonly (readonly string[])[],
): Promise<void> => {
  const personOf = new Map<string, string>();
  for (const userIds of groups) {
    const together = newId('person');
    for (const userId of userIds) personOf.set(userId, userIds.length === 1 ? userId : together);
  }
  for (const [userId, personId] of [...personOf].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    await db
      .updateTable('users')
      .set({ person_id: personId })
      .where('workspace_id', '=', workspaceId)
      .where('mode', '=', mode)
      .where('user_id', '=', userId)
      .execute();
  }
};

const shareCurrent = async (db: Kysely<Schema>, of: UsersAndBot): Promise<void> => {
  const current = (await findLastUsed(db, of)) ?? (await findLatestOpen(db, of));
  if (current !== null) {
    await setCurrent(db, of, current);
    return;
  }
  await db
    .deleteFrom('current_conversations')
    .where('workspace_id', '=', of.workspaceId)
    .where('bot_id', '=', of.botId)
    .where('user_id', 'in', of.userIds)
    .where('mode', '=', of.mode)
    .execute();
};

/** Of the conversations that are current and belong to one of these users, the one with the latest message or change. */
const findLastUsed = async (db: Kysely<Schema>, of: UsersAndBot): Promise<string | null> => {
  const rows = await db
    .selectFrom('current_conversations')
    .innerJoin('conversations', (join) =>
      join
        .onRef('conversations.workspace_id', '=', 'current_conversations.workspace_id')
        .onRef('conversations.id', '=', 'current_conversations.conversation_id'),
    )
    .select(['conversations.id', 'conversations.updated_at'])
    .where('current_conversations.workspace_id', '=', of.workspaceId)
    .where('current_conversations.bot_id', '=', of.botId)
    .where('current_conversations.user_id', 'in', of.userIds)
    .where('current_conversations.mode', '=', of.mode)
    .where('conversations.user_id', 'in', of.userIds)
    .where('conversations.deleted_at', 'is', null)
    .where('conversations.status', '<>', 'closed')
    .execute();
  const [last] = rows.toSorted((one, other) => other.updated_at - one.updated_at || (one.id < other.id ? 1 : -1));
  return last?.id ?? null;
};
