import type { Kysely, Selectable } from 'kysely';
import type { Mode } from '../core/access/principal.ts';
import { cursorGone, type Page, type PageRequest } from '../core/page.ts';
import type { LongReads } from './long-reads.ts';
import type { Schema } from './schema.ts';
import type { UsersTable } from './tables/users.ts';

/** Stands behind every other in the order of bytes in which text is compared. */
const lastCharacter = '\u{10ffff}';

type Of = { workspaceId: string; mode: Mode; prefix: string | null };

/**
 * One page, newest first; users of the same millisecond by their ids. Without a prefix it is read along an index; with one,
 * the ids that begin so are sorted, where long reads go. Throws invalid_request where the user that it is to go on from is
 * gone: of one who was erased nothing is kept that says where they stood.
 */
export const listUsers = async (
  { db, long }: { db: Kysely<Schema>; long: LongReads },
  of: Of,
  page: PageRequest,
): Promise<Page<Selectable<UsersTable>>> => {
  const upwards = page.before !== null;
  const cursor = page.before ?? page.after;
  const place = cursor === null ? null : await findPlace(db, of, cursor);
  if (place === undefined) throw cursorGone(page, 'user');
  const { prefix } = of;
  const rows = await (prefix === null ? db : long(of.workspaceId))
    .selectFrom('users')
    .selectAll()
    .where('workspace_id', '=', of.workspaceId)
    .where('mode', '=', of.mode)
    .$if(prefix !== null, (all) =>
      all.where('user_id', '>=', prefix ?? '').where('user_id', '<', (prefix ?? '') + lastCharacter),
    )
    .$if(place !== null, (all) =>
      all.where((where) =>
        where(
          where.refTuple('created_at', 'user_id'),
          upwards ? '>' : '<',
          where.tuple(place?.created_at ?? 0, cursor ?? ''),
        ),
      ),
    )
    .orderBy('created_at', upwards ? 'asc' : 'desc')
    .orderBy('user_id', upwards ? 'asc' : 'desc')
    .limit(page.limit + 1)
    .execute();
  const items = rows.slice(0, page.limit);
  return { items: upwards ? items.toReversed() : items, hasMore: rows.length > page.limit };
};

/** When the user was made; undefined where there is no such user. */
const findPlace = (db: Kysely<Schema>, of: Of, userId: string): Promise<{ created_at: number } | undefined> =>
  db
    .selectFrom('users')
    .select('created_at')
    .where('workspace_id', '=', of.workspaceId)
    .where('mode', '=', of.mode)
    .where('user_id', '=', userId)
    .executeTakeFirst();
