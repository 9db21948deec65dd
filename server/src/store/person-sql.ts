import { type Kysely, sql } from 'kysely';
import type { Mode } from '../core/access/principal.ts';
import type { Schema } from './schema.ts';

type Place = { workspaceId: string; mode: Mode; userId: string };

/**
 * The user ids of the user's person, their own among them; that one alone where the user is not known. One statement, since
 * somebody may link them, or erase them, between two.
 */
export const findPersonIds = async (db: Kysely<Schema>, { workspaceId, mode, userId }: Place): Promise<string[]> => {
  const members = await db
    .selectFrom('users as own')
    .innerJoin('users as member', (join) =>
      join
        .onRef('member.workspace_id', '=', 'own.workspace_id')
        .onRef('member.mode', '=', 'own.mode')
        .onRef('member.person_id', '=', 'own.person_id')
        // literally as in the index
        .on(sql<boolean>`member.person_id <> member.user_id`),
    )
    .select('member.user_id')
    .where('own.workspace_id', '=', workspaceId)
    .where('own.mode', '=', mode)
    .where('own.user_id', '=', userId)
    .execute();
  return members.length === 0 ? [userId] : members.map((member) => member.user_id);
};

/** The users of these persons that are linked to others: who is linked to nobody is a person by their own user id. */
export const findMembers = (
  db: Kysely<Schema>,
  { workspaceId, mode, personIds }: { workspaceId: string; mode: Mode; personIds: readonly string[] },
): Promise<{ user_id: string; person_id: string }[]> =>
  db
    .selectFrom('users')
    .select(['user_id', 'person_id'])
    .where('workspace_id', '=', workspaceId)
    .where('mode', '=', mode)
    .where('person_id', 'in', personIds)
    // literally as in the index
    .where(sql<boolean>`person_id <> user_id`)
    .execute();
