import type { Kysely } from 'kysely';
import { markConversationDeleted, purgeConversation } from './delete-conversation-sql.ts';
import type { EndedAt } from './end-turns-sql.ts';
import { usersNodeId } from './quota-owner-rows.ts';
import { removeUnusedRows } from './remove-unused-sql.ts';
import type { Schema } from './schema.ts';
import { removeAnyVectors, removeEmbeddingStates } from './vector-rows-sql.ts';

type Target = { workspaceId: string; botId: string; limit: number };

/** `endedTurns`: those that were running or waiting. */
type Purged = { done: boolean; endedTurns: string[] };

const notDone = (endedTurns: string[] = []): Purged => ({ done: false, endedTurns });

/**
 * Removes about `limit` rows that belong to a deleted bot, the bot itself last: conversations with all they hold, then
 * sources, then the bot. The ledger and the daily sums stay, which hold nothing of what was said.
 */
export const purgeBot = async (db: Kysely<Schema>, target: Target & EndedAt): Promise<Purged> => {
  const { workspaceId, botId, limit, at, leases } = target;
  const bot = await db
    .selectFrom('bots')
    .select('deleted_at')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', botId)
    .executeTakeFirst();
  if (bot?.deleted_at === null) throw new Error('only a bot that is marked as deleted is purged');
  const conversation = await db
    .selectFrom('conversations')
    .select(['id', 'deleted_at'])
    .where('workspace_id', '=', workspaceId)
    .where('bot_id', '=', botId)
    .limit(1)
    .executeTakeFirst();
  if (conversation) {
    const place = { workspaceId, conversationId: conversation.id };
    const ended = conversation.deleted_at === null ? await markConversationDeleted(db, { ...place, at, leases }) : [];
    await purgeConversation(db, { ...place, limit });
    return notDone(ended);
  }
  if ((await removeSources(db, target)) || (await removeIndexRows(db, target))) return notDone();
  if (!(await removeAnyVectors(db, limit, { workspaceId, botId }))) return notDone();
  await removeEmbeddingStates(db, { workspaceId, botId });
  await removeBotRows(db, target);
  return { done: true, endedTurns: [] };
};

/** True where sources were removed, and more may be left. */
const removeSources = async (db: Kysely<Schema>, { workspaceId, botId, limit }: Target): Promise<boolean> => {
  const sources = await db
    .selectFrom('sources')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('bot_id', '=', botId)
    .limit(limit)
    .execute();
  if (sources.length === 0) return false;
  const ids = sources.map((source) => source.id);
  await db
    .deleteFrom('source_contents')
    .where('workspace_id', '=', workspaceId)
    .where('bot_id', '=', botId)
    .where('source_id', 'in', ids)
    .execute();
  await db
    .deleteFrom('sources')
    .where('workspace_id', '=', workspaceId)
    .where('bot_id', '=', botId)
    .where('id', 'in', ids)
    .execute();
  return true;
};

/** What is left of a source that is gone; any of these tables may hold it. */
const sourceRows = ['chunks', 'postings', 'source_bytes', 'source_pages', 'retired_versions'] as const;

/** True where rows of a source were removed, and more may be left. */
const removeIndexRows = async (db: Kysely<Schema>, { workspaceId, botId, limit }: Target): Promise<boolean> => {
  for (const table of sourceRows) {
    const left = await db
      .selectFrom(table)
      .select('source_id')
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .limit(1)
      .executeTakeFirst();
    if (!left) continue;
    await removeUnusedRows(db, { workspaceId, botId, sourceId: left.source_id }, limit);
    return true;
  }
  return false;
};

/** A bot has as many versions as people have made: they go at once. */
const removeBotRows = async (db: Kysely<Schema>, { workspaceId, botId }: Target): Promise<void> => {
  for (const table of ['current_conversations', 'bot_versions'] as const) {
    await db.deleteFrom(table).where('workspace_id', '=', workspaceId).where('bot_id', '=', botId).execute();
  }
  await db
    .deleteFrom('quota_owners')
    .where('workspace_id', '=', workspaceId)
    .where('id', 'in', [botId, usersNodeId(botId)])
    .execute();
  await db
    .deleteFrom('encrypted_secrets')
    .where('workspace_id', '=', workspaceId)
    .where('purpose', '=', 'user_token_secret')
    .where('subject_id', '=', botId)
    .execute();
  await db.deleteFrom('bots').where('workspace_id', '=', workspaceId).where('id', '=', botId).execute();
};
