import type { Kysely } from 'kysely';
import type { Bot, BotConfig, BotQuotas, BotVersion } from '../core/bot/bot.ts';
import type { BotStore } from '../core/bot/bot-store.ts';
import { purgeBot } from './delete-bot-sql.ts';
import type { LeaseClock } from './lease-clock.ts';
import { readPage } from './page.ts';
import { usersNodeId, usersNodePrefix, writeLimits } from './quota-owner-rows.ts';
import type { Schema } from './schema.ts';
import type { BotVersionsTable } from './tables/bot-versions.ts';

type BotRow = {
  id: string;
  workspace_id: string;
  version: number;
  created_at: number;
  updated_at: number;
  config: string;
};

/** Null where no quota is set. */
type LimitColumns = {
  bot_quota: string | null;
  bot_limit: number | null;
  bot_warn_at: number | null;
  user_quota: string | null;
  user_limit: number | null;
  user_warn_at: number | null;
};

const toQuotas = (row: LimitColumns): BotQuotas | null => {
  if (row.bot_quota === null && row.user_quota === null) return null;
  return {
    bot: row.bot_quota === null ? null : { messagesPerMonth: row.bot_limit, warnAt: row.bot_warn_at },
    user: row.user_quota === null ? null : { messagesPerMonth: row.user_limit, warnAt: row.user_warn_at },
  };
};

const toBot = (row: BotRow): Omit<Bot, 'quotas'> => ({
  id: row.id,
  workspaceId: row.workspace_id,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  config: JSON.parse(row.config) as BotConfig,
});

const toBotWithQuotas = (row: BotRow & LimitColumns): Bot => ({ ...toBot(row), quotas: toQuotas(row) });

/** Bots with the version and the limits in force. */
const selectBots = (db: Kysely<Schema>, workspaceId: string) =>
  db
    .selectFrom('bots')
    .innerJoin('bot_versions', (join) =>
      join
        .onRef('bot_versions.workspace_id', '=', 'bots.workspace_id')
        .onRef('bot_versions.bot_id', '=', 'bots.id')
        .onRef('bot_versions.version', '=', 'bots.version'),
    )
    .leftJoin('quota_owners as own', (join) =>
      join.onRef('own.workspace_id', '=', 'bots.workspace_id').onRef('own.id', '=', 'bots.id'),
    )
    .leftJoin('quota_owners as users', (join) =>
      join
        .onRef('users.workspace_id', '=', 'bots.workspace_id')
        .on((on) => on('users.id', '=', on(on.val(usersNodePrefix), '||', on.ref('bots.id')))),
    )
    .select([
      'own.id as bot_quota',
      'own.hard_limit as bot_limit',
      'own.soft_limit as bot_warn_at',
      'users.id as user_quota',
      'users.hard_limit as user_limit',
      'users.soft_limit as user_warn_at',
      'bots.id',
      'bots.workspace_id',
      'bots.version',
      'bots.created_at',
      'bots.updated_at',
      'bot_versions.config',
    ])
    .where('bots.workspace_id', '=', workspaceId)
    .where('bots.deleted_at', 'is', null);

const selectVersions = (db: Kysely<Schema>, workspaceId: string, botId: string) =>
  db
    .selectFrom('bot_versions')
    .select(['bot_id', 'version', 'config', 'created_by', 'created_at'])
    .where('workspace_id', '=', workspaceId)
    .where('bot_id', '=', botId);

const toVersion = (row: Omit<BotVersionsTable, 'workspace_id'>): BotVersion => ({
  botId: row.bot_id,
  version: row.version,
  config: JSON.parse(row.config) as BotConfig,
  createdBy: row.created_by,
  createdAt: row.created_at,
});

export const botStoreSql = (db: Kysely<Schema>, leases: LeaseClock): BotStore => ({
  async find(workspaceId, botId) {
    const row = await selectBots(db, workspaceId).where('bots.id', '=', botId).executeTakeFirst();
    return row ? toBotWithQuotas(row) : null;
  },

  async findVersion(workspaceId, botId, version) {
    const row = await db
      .selectFrom('bot_versions')
      .innerJoin('bots', (join) =>
        join.onRef('bots.workspace_id', '=', 'bot_versions.workspace_id').onRef('bots.id', '=', 'bot_versions.bot_id'),
      )
      .select([
        'bots.id',
        'bots.workspace_id',
        'bot_versions.version',
        'bots.created_at',
        'bot_versions.created_at as updated_at',
        'bot_versions.config',
      ])
      .where('bot_versions.workspace_id', '=', workspaceId)
      .where('bot_versions.bot_id', '=', botId)
      .where('bot_versions.version', '=', version)
      .executeTakeFirst();
    return row ? { ...toBot(row), quotas: null } : null;
  },

  async readVersion(workspaceId, botId, version) {
    const row = await selectVersions(db, workspaceId, botId).where('version', '=', version).executeTakeFirst();
    return row ? toVersion(row) : null;
  },

  async listVersions(workspaceId, botId, page) {
    const { items, hasMore } = await readPage(selectVersions(db, workspaceId, botId), 'version', page);
    return { items: items.map(toVersion), hasMore };
  },

  async list(workspaceId, page, botIds) {
    const query = selectBots(db, workspaceId).$if(botIds !== null, (all) => all.where('bots.id', 'in', botIds ?? []));
    const { items, hasMore } = await readPage(query, 'bots.id', page);
    return { items: items.map(toBotWithQuotas), hasMore };
  },

  async count(workspaceId) {
    const { count } = await db
      .selectFrom('bots')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('workspace_id', '=', workspaceId)
      .where('deleted_at', 'is', null)
      .executeTakeFirstOrThrow();
    return Number(count);
  },

  async hasConversations(workspaceId, botId, mode) {
    const row = await db
      .selectFrom('conversations')
      .select('id')
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .$if(mode !== null, (all) => all.where('mode', '=', mode!))
      .where('deleted_at', 'is', null)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  },

  async insert(bot, createdBy) {
    await db
      .insertInto('bots')
      .values({
        workspace_id: bot.workspaceId,
        id: bot.id,
        name: bot.config.name,
        version: bot.version,
        created_at: bot.createdAt,
        updated_at: bot.updatedAt,
        deleted_at: null,
      })
      .execute();
    await insertVersionRow(db, bot, createdBy);
  },

  async setQuotas({ workspaceId, id, quotas }, at) {
    const node = { workspace_id: workspaceId, subject_id: id, at };
    await writeLimits(db, { ...node, id, parent_id: workspaceId, kind: 'bot' }, quotas?.bot ?? null);
    await writeLimits(db, { ...node, id: usersNodeId(id), parent_id: id, kind: 'user' }, quotas?.user ?? null);
  },

  async insertVersion(bot, createdBy) {
    const changed = await db
      .updateTable('bots')
      .set({ name: bot.config.name, version: bot.version, updated_at: bot.updatedAt })
      .where('workspace_id', '=', bot.workspaceId)
      .where('id', '=', bot.id)
      .where('version', '=', bot.version - 1)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    if (changed.numUpdatedRows === 0n) return false;
    await insertVersionRow(db, bot, createdBy);
    return true;
  },

  async markDeleted(workspaceId, botId, at) {
    await db
      .updateTable('bots')
      .set({ deleted_at: at })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', botId)
      .execute();
    // answers kept for repeated requests would go on telling of it
    await db
      .deleteFrom('idempotency_keys')
      .where('workspace_id', '=', workspaceId)
      .where('subject_id', '=', botId)
      .execute();
  },

  purge: (workspaceId, botId, { limit, at }) => purgeBot(db, { workspaceId, botId, limit, at, leases }),
});

const insertVersionRow = async (db: Kysely<Schema>, bot: Omit<Bot, 'quotas'>, createdBy: string): Promise<void> => {
  await db
    .insertInto('bot_versions')
    .values({
      workspace_id: bot.workspaceId,
      bot_id: bot.id,
      version: bot.version,
      config: JSON.stringify(bot.config),
      created_by: createdBy,
      created_at: bot.updatedAt,
    })
    .execute();
};
