import { type Kysely, sql } from 'kysely';
import { userOwnerId } from '../core/usage/quota-owner.ts';
import { type EndedTurn, endedTurnColumns } from './end-turns-sql.ts';
import { readOwners } from './quota-owners-text.ts';
import type { Schema } from './schema.ts';

type Users = { workspaceId: string; userIds: readonly string[] };
type OpenTurn = { id: string; conversation_id: string };

/** A conversation whose row is held, with the turn that it is given to. */
export type HeldConversation = { id: string; activeTurnId: string | null };

/**
 * Turns that wait or run and hold a reservation of these users, in whoever's conversation they are: one that a visitor
 * began and that was handed over, or that of somebody they were linked to. Few turns of an installation are open at once.
 */
export const findTurnsOfUsers = async (
  db: Kysely<Schema>,
  { workspaceId, userIds }: Users,
): Promise<readonly OpenTurn[]> => {
  const ownerIds = new Set(userIds.map((userId) => userOwnerId(userId)));
  const found: OpenTurn[] = [];
  for (const status of ['running', 'queued'] as const) {
    const counted = await db
      .selectFrom('turns')
      .select(['id', 'conversation_id', 'quota_owners'])
      .where('workspace_id', '=', workspaceId)
      // written out: with a parameter the small index of these turns could not be used
      .where('status', '=', sql.lit(status))
      .where('quota_owners', 'like', `%"${userOwnerId('')}%`)
      .execute();
    for (const turn of counted) {
      if (readOwners(turn.quota_owners, workspaceId).some(({ ownerId }) => ownerIds.has(ownerId))) found.push(turn);
    }
  }
  return found;
};

/** Takes hold of the conversations first, as whoever ends one of the turns by itself does, and then looks at the turns. */
export const holdTurnsOfUsers = async (
  db: Kysely<Schema>,
  users: Users,
): Promise<{ turns: EndedTurn[]; conversations: HeldConversation[] }> => {
  const { workspaceId } = users;
  const found = await findTurnsOfUsers(db, users);
  if (found.length === 0) return { turns: [], conversations: [] };
  const conversations: HeldConversation[] = [];
  for (const id of [...new Set(found.map((turn) => turn.conversation_id))].toSorted()) {
    const held = await db
      .updateTable('conversations')
      .set((set) => ({ updated_at: set.ref('updated_at') }))
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .returning('active_turn_id')
      .executeTakeFirst();
    if (held) conversations.push({ id, activeTurnId: held.active_turn_id });
  }
  const turns = await db
    .selectFrom('turns')
    .select(endedTurnColumns)
    .where('workspace_id', '=', workspaceId)
    .where(
      'id',
      'in',
      found.map(({ id }) => id),
    )
    .where('status', 'in', ['queued', 'running'])
    .orderBy('period_start')
    .orderBy('id')
    .execute();
  return { turns, conversations };
};

/** Gives held conversations whose turn has ended to the oldest that waits, which whoever looks next starts. */
export const passConversationsOn = async (
  db: Kysely<Schema>,
  { workspaceId, endedTurns }: { workspaceId: string; endedTurns: readonly string[] },
  conversations: readonly HeldConversation[],
): Promise<void> => {
  for (const { id, activeTurnId } of conversations) {
    if (activeTurnId === null || !endedTurns.includes(activeTurnId)) continue;
    const next = await db
      .selectFrom('turns')
      .select('id')
      .where('workspace_id', '=', workspaceId)
      .where('conversation_id', '=', id)
      .where('status', '=', sql.lit('queued'))
      .orderBy('seq_base')
      .limit(1)
      .executeTakeFirst();
    await db
      .updateTable('conversations')
      .set({ active_turn_id: next?.id ?? null })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .where('active_turn_id', '=', activeTurnId)
      .execute();
  }
};
