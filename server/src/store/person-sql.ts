import { type Kysely, sql } from 'kysely';
import type { Mode } from '../core/access/principal.ts';
import type { Schema } from './schema.ts';

type Place = { workspaceId: string; mode: Mode; userId: string };

/** The user ids of the user's person, their own among them; that one alone where the user is not known. */
export const findPersonIds = async (db: Kysely<Schema>, place: Place): Promise<string[]> => {
  const { workspaceId, mode, userId } = place;
  const known = await db
    .selectFrom('users')
    .select('person_id')
    .where('workspace_id', '=', workspaceId)
    .where('mode', '=', mode)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  if (!known || known.person_id === userId) return [userId];
  const members = await findMembers(db, { workspaceId, mode, personIds: [known.person_id] });
  return members.map((member) => member.user_id);
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
