import type { Kysely } from 'kysely';
import type { Mode } from '../core/access/principal.ts';
import { addSaid } from '../core/memory/change-facts.ts';
import { type Fact, type FactStore, noFacts, type UserFacts } from '../core/memory/fact.ts';
import { packFacts, unpackFacts } from '../core/memory/fact-record.ts';
import type { Traits, UserPlace } from '../core/user/user.ts';
import { findPersonIds } from './person-sql.ts';
import type { Schema } from './schema.ts';

export const userFactsSql = (db: Kysely<Schema>): FactStore => ({
  async findKnown(place) {
    const { workspaceId, mode, userId } = place;
    const rows = await db
      .selectFrom('users')
      .select(['user_id', 'traits', 'facts'])
      .where('workspace_id', '=', workspaceId)
      .where('mode', '=', mode)
      .where('user_id', 'in', await findPersonIds(db, place))
      .orderBy('user_id')
      .execute();
    return rows
      .map((row) => ({
        userId: row.user_id,
        traits: JSON.parse(row.traits) as Traits,
        remembered: unpackFacts(row.facts),
      }))
      .toSorted((one, other) => Number(other.userId === userId) - Number(one.userId === userId));
  },

  findFacts: (place) => findFacts(db, place),
  saveFacts: (place, facts) => saveFacts(db, place, facts),
});

const saveFacts = async (
  db: Kysely<Schema>,
  { workspaceId, mode, userId }: UserPlace,
  facts: UserFacts,
): Promise<void> => {
  await db
    .updateTable('users')
    .set({ facts: packFacts(facts) })
    .where('workspace_id', '=', workspaceId)
    .where('mode', '=', mode)
    .where('user_id', '=', userId)
    .execute();
};

type Place = { workspaceId: string; conversationId: string };

/** Forgets what was said in a conversation before a place, since the messages are going; all of it by default. */
export const forgetSaid = async (
  db: Kysely<Schema>,
  { workspaceId, conversationId, before = Number.MAX_SAFE_INTEGER }: Place & { before?: number },
): Promise<void> => {
  const row = await db
    .selectFrom('conversations')
    .innerJoin('users', (join) =>
      join
        .onRef('users.workspace_id', '=', 'conversations.workspace_id')
        .onRef('users.mode', '=', 'conversations.mode')
        .onRef('users.user_id', '=', 'conversations.user_id'),
    )
    .select(['users.mode', 'users.user_id', 'users.facts'])
    .where('conversations.workspace_id', '=', workspaceId)
    .where('conversations.id', '=', conversationId)
    .executeTakeFirst();
  if (!row || row.facts === null) return;
  const known = unpackFacts(row.facts);
  const facts = known.facts.filter(
    ({ source }) => source === null || source.conversationId !== conversationId || source.seq >= before,
  );
  if (facts.length === known.facts.length) return;
  await saveFacts(db, { workspaceId, mode: row.mode, userId: row.user_id }, { ...known, facts });
};

/** What was said in a conversation is from now on what another user has said: the conversation is theirs. */
export const moveSaid = async (
  db: Kysely<Schema>,
  { workspaceId, mode, conversationId, from, to }: Place & { mode: Mode; from: string; to: string },
): Promise<void> => {
  const fromPlace = { workspaceId, mode, userId: from };
  const toPlace = { workspaceId, mode, userId: to };
  const left = (await findFacts(db, fromPlace)) ?? noFacts;
  const isMoved = (fact: Fact): boolean => fact.source?.conversationId === conversationId;
  const moved = left.facts.filter(isMoved);
  if (moved.length === 0) return;
  await saveFacts(db, fromPlace, { ...left, facts: left.facts.filter((fact) => !isMoved(fact)) });
  await saveFacts(db, toPlace, addSaid((await findFacts(db, toPlace)) ?? noFacts, moved));
};

const findFacts = async (db: Kysely<Schema>, { workspaceId, mode, userId }: UserPlace): Promise<UserFacts | null> => {
  const row = await db
    .selectFrom('users')
    .select('facts')
    .where('workspace_id', '=', workspaceId)
    .where('mode', '=', mode)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row ? unpackFacts(row.facts) : null;
};
