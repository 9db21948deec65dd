import type { Kysely, Selectable } from 'kysely';
import type { Channel } from '../core/conversation/conversation.ts';
import type { LedgerEntry, UsageReader, UsageSpan } from '../core/usage/usage-store.ts';
import type { LongReads } from './long-reads.ts';
import { readPage } from './page.ts';
import type { Schema } from './schema.ts';
import type { QuotaLedgerTable } from './tables/quota-ledger.ts';

const toLedgerEntry = (row: Selectable<QuotaLedgerTable>): LedgerEntry => ({
  id: row.id,
  ownerId: row.owner_id,
  periodStart: row.period_start,
  turnId: row.turn_id,
  botId: row.bot_id,
  channel: row.channel as Channel,
  messages: row.messages,
  createdAt: row.created_at,
});

/** The ids of bots among those of all nodes: the character behind `_` ends them. */
const botIdsFrom = 'bot_';
const botIdsTo = 'bot`';

/** Rows of a span that are read at once, some milliseconds: what most workspaces ask for waits for nobody's search. */
const shortSpanRows = 2_000;

/** `long`: where reads go that walk over many rows or pass entries over; the same connection unless another is given. */
export const usageStoreSql = (db: Kysely<Schema>, long: LongReads = () => db): UsageReader => ({
  async counter(workspaceId, ownerId, periodStart) {
    const row = await db
      .selectFrom('quota_periods')
      .select(['used', 'reserved'])
      .where('workspace_id', '=', workspaceId)
      .where('owner_id', '=', ownerId)
      .where('period_start', '=', periodStart)
      .executeTakeFirst();
    return row ?? { used: 0, reserved: 0 };
  },

  async botNodes(workspaceId, periodStart, limit) {
    const rows = await db
      .selectFrom('quota_owners')
      .leftJoin('quota_periods', (join) =>
        join
          .onRef('quota_periods.workspace_id', '=', 'quota_owners.workspace_id')
          .onRef('quota_periods.owner_id', '=', 'quota_owners.id')
          .on('quota_periods.period_start', '=', periodStart),
      )
      .select([
        'quota_owners.id',
        'quota_owners.hard_limit',
        'quota_owners.soft_limit',
        'quota_periods.used',
        'quota_periods.reserved',
      ])
      .where('quota_owners.workspace_id', '=', workspaceId)
      .where('quota_owners.id', '>=', botIdsFrom)
      .where('quota_owners.id', '<', botIdsTo)
      .orderBy('quota_owners.id')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      ownerId: row.id,
      limits: { messagesPerMonth: row.hard_limit, warnAt: row.soft_limit },
      used: row.used ?? 0,
      reserved: row.reserved ?? 0,
    }));
  },

  async node(workspaceId, ownerId, periodStart) {
    const row = await db
      .selectFrom('quota_periods')
      .select(['used', 'reserved', 'hard_limit', 'warn_at'])
      .where('workspace_id', '=', workspaceId)
      .where('owner_id', '=', ownerId)
      .where('period_start', '=', periodStart)
      .executeTakeFirst();
    if (!row) return null;
    const { used, reserved, hard_limit: messagesPerMonth, warn_at: warnAt } = row;
    return { ownerId, limits: { messagesPerMonth, warnAt }, used, reserved };
  },

  async daily(workspaceId, span, limit) {
    if (span.botIds?.length === 0) return [];
    const rows = await selectDaily(await placeFor({ db, long }, workspaceId, span), workspaceId, span)
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      day: row.day,
      botId: row.bot_id,
      channel: row.channel as Channel,
      turns: row.turns,
      messages: row.messages,
      inputTokens: row.input_tokens,
      outputTokens: row.output_tokens,
      memoryInputTokens: row.memory_input_tokens,
      memoryOutputTokens: row.memory_output_tokens,
    }));
  },

  async sums(workspaceId, span, limit) {
    if (span.botIds?.length === 0) return [];
    const rows = await selectSpan(await placeFor({ db, long }, workspaceId, span), workspaceId, span)
      .select((select) => [
        'bot_id',
        'channel',
        select.fn.sum<number>('turns').as('turns'),
        select.fn.sum<number>('messages').as('messages'),
        select.fn.sum<number>('input_tokens').as('input_tokens'),
        select.fn.sum<number>('output_tokens').as('output_tokens'),
        select.fn.sum<number>('memory_input_tokens').as('memory_input_tokens'),
        select.fn.sum<number>('memory_output_tokens').as('memory_output_tokens'),
      ])
      .groupBy(['bot_id', 'channel'])
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      botId: row.bot_id,
      channel: row.channel as Channel,
      // a database may give a sum as a wider type than its column's
      turns: Number(row.turns),
      messages: Number(row.messages),
      inputTokens: Number(row.input_tokens),
      outputTokens: Number(row.output_tokens),
      memoryInputTokens: Number(row.memory_input_tokens),
      memoryOutputTokens: Number(row.memory_output_tokens),
    }));
  },

  async ledger(workspaceId, { ownerId, botIds }, page) {
    if (botIds?.length === 0) return { items: [], hasMore: false };
    const query = (botIds === null ? db : long(workspaceId))
      .selectFrom('quota_ledger')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('owner_id', '=', ownerId)
      .$if(botIds !== null, (all) => all.where('bot_id', 'in', botIds ?? []));
    const { items, hasMore } = await readPage(query, 'id', page);
    return { items: items.map(toLedgerEntry), hasMore };
  },
});

const selectSpan = (db: Kysely<Schema>, workspaceId: string, { mode, from, to, botIds }: UsageSpan) =>
  db
    .selectFrom('usage_daily')
    .where('workspace_id', '=', workspaceId)
    .where('mode', '=', mode)
    .where('day', '>=', from)
    .where('day', '<=', to)
    .$if(botIds !== null, (all) => all.where('bot_id', 'in', botIds ?? []));

/** Where a span is read. All its bots count: those that are asked for may stand anywhere among them. */
const placeFor = async (
  { db, long }: { db: Kysely<Schema>; long: LongReads },
  workspaceId: string,
  span: UsageSpan,
): Promise<Kysely<Schema>> => {
  const further = await selectSpan(db, workspaceId, { ...span, botIds: null })
    .select('day')
    .orderBy('day')
    .orderBy('bot_id')
    .orderBy('channel')
    .offset(shortSpanRows)
    .limit(1)
    .executeTakeFirst();
  return further === undefined ? db : long(workspaceId);
};

const selectDaily = (db: Kysely<Schema>, workspaceId: string, span: UsageSpan) =>
  selectSpan(db, workspaceId, span).selectAll().orderBy('day').orderBy('bot_id').orderBy('channel');
