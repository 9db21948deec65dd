import type { Kysely } from 'kysely';
import { usedTokensOf } from '../core/turn/receipt-record.ts';
import type { QuotaOwner } from '../core/turn/turn.ts';
import { dayAt, periodAt } from '../core/usage/period.ts';
import { isErasedWithUser } from '../core/usage/quota-owner.ts';
import { type Reached, thresholdEvent } from '../core/usage/threshold-event.ts';
import { newId } from '../kit/id.ts';
import { estimateTokens } from '../kit/token-estimate.ts';
import type { LeaseClock } from './lease-clock.ts';
import { outboxSql } from './outbox-sql.ts';
import { readOwners } from './quota-owners-text.ts';
import type { Schema } from './schema.ts';
import type { TurnsTable } from './tables/turns.ts';
import type { UsageDailyTable } from './tables/usage-daily.ts';

/** Turns that are ended with what is deleted: charged, counted and told of as those that somebody cancels (`settle`). */

/** When turns are ended, and the clock of what is told of it. */
export type EndedAt = { at: number; leases: LeaseClock };

/** What ending a turn needs of it. */
export const endedTurnColumns = [
  'id',
  'bot_id',
  'channel',
  'mode',
  'created_at',
  'quota_owners',
  'period_start',
  'partial_text',
] as const;

export type EndedTurn = Pick<TurnsTable, (typeof endedTurnColumns)[number]>;

/** What came of a turn up to its end. */
type Outcome = EndedTurn & { charged: number; inputTokens: number; outputTokens: number };

/** Ends turns as by a cancel; gives the ids of those that had not ended by themselves meanwhile. */
export const endTurns = async (
  db: Kysely<Schema>,
  { workspaceId, at, leases }: { workspaceId: string } & EndedAt,
  open: readonly EndedTurn[],
): Promise<string[]> => {
  const used = await findUsedTokens(db, workspaceId, open);
  const ended: Outcome[] = [];
  // every turn before any counter: the order in which whoever ends one of them by itself goes about it
  for (const turn of open) {
    const outcome = outcomeOf(turn, used.get(turn.id) ?? 0);
    const { numUpdatedRows } = await db
      .updateTable('turns')
      .set((set) => ({
        status: 'cancelled',
        finish_reason: 'cancelled',
        // whoever still runs it can write nothing from here on
        fence: set('fence', '+', 1),
        owner: null,
        lease_until: null,
        stop_request: null,
        partial_text: null,
        completed_at: at,
        charged: outcome.charged,
        input_tokens: outcome.inputTokens,
        output_tokens: outcome.outputTokens,
      }))
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', turn.id)
      .where('status', 'in', ['queued', 'running'])
      .executeTakeFirst();
    if (numUpdatedRows > 0n) ended.push(outcome);
  }
  // counters of an earlier period before those of a later, as everybody takes them, and the days' figures behind all
  for (const turn of ended.toSorted((one, other) => one.period_start - other.period_start)) {
    await settleEnded(db, workspaceId, { ...turn, at, leases });
  }
  await countEnded(db, workspaceId, ended);
  return ended.map((turn) => turn.id);
};

/** What was sent of turns that have text, in tokens by their ids, as the receipts say that are stored with it. */
const findUsedTokens = async (
  db: Kysely<Schema>,
  workspaceId: string,
  open: readonly EndedTurn[],
): Promise<Map<string, number>> => {
  const ids = open.flatMap(({ id, partial_text: text }) => (text ? [id] : []));
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('turn_records')
    .select(['turn_id', 'receipt'])
    .where('workspace_id', '=', workspaceId)
    .where('turn_id', 'in', ids)
    .execute();
  return new Map(rows.map(({ turn_id, receipt }) => [turn_id, receipt ? usedTokensOf(receipt) : 0]));
};

/** As by a cancel: text that was stored is charged, unless nobody holds a reservation, and a turn without any has used nothing. */
const outcomeOf = (turn: EndedTurn, usedTokens: number): Outcome => {
  const { partial_text: text, quota_owners: owners } = turn;
  if (!text) return { ...turn, charged: 0, inputTokens: 0, outputTokens: 0 };
  return {
    ...turn,
    charged: owners === null ? 0 : 1,
    inputTokens: usedTokens,
    outputTokens: estimateTokens(text),
  };
};

const settleEnded = async (db: Kysely<Schema>, workspaceId: string, turn: Outcome & EndedAt): Promise<void> => {
  const { charged: messages } = turn;
  for (const owner of readOwners(turn.quota_owners, workspaceId)) {
    const counter = await settleShare(db, owner, { periodStart: turn.period_start, messages });
    if (!counter || messages === 0) continue;
    await insertCharge(db, owner, turn);
    const reached = reachedBy(counter);
    if (!reached) continue;
    const { workspaceId: tellTo, ownerId: subjectId } = owner;
    const event = thresholdEvent(reached, { periodStart: turn.period_start, at: turn.at });
    await outboxSql(db, turn.leases).append({ workspaceId: tellTo, type: 'usage.threshold', subjectId, ...event });
  }
};

type Counted = Omit<UsageDailyTable, 'workspace_id' | 'memory_input_tokens' | 'memory_output_tokens'>;

/** Counts every turn, also one that is free. Rows are taken in one order by all who end several at once. */
const countEnded = async (db: Kysely<Schema>, workspaceId: string, ended: readonly Outcome[]): Promise<void> => {
  const rows = new Map<string, Counted>();
  for (const { bot_id, channel, mode, created_at, charged, inputTokens, outputTokens } of ended) {
    const place = { mode, day: dayAt(created_at), bot_id, channel };
    const key = JSON.stringify(Object.values(place));
    const known = rows.get(key) ?? { ...place, turns: 0, messages: 0, input_tokens: 0, output_tokens: 0 };
    rows.set(key, {
      ...known,
      turns: known.turns + 1,
      messages: known.messages + charged,
      input_tokens: known.input_tokens + inputTokens,
      output_tokens: known.output_tokens + outputTokens,
    });
  }
  for (const [, row] of [...rows].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    await db
      .insertInto('usage_daily')
      .values({ workspace_id: workspaceId, ...row })
      .onConflict((conflict) =>
        conflict.columns(['workspace_id', 'mode', 'day', 'bot_id', 'channel']).doUpdateSet((set) => ({
          turns: set('usage_daily.turns', '+', row.turns),
          messages: set('usage_daily.messages', '+', row.messages),
          input_tokens: set('usage_daily.input_tokens', '+', row.input_tokens),
          output_tokens: set('usage_daily.output_tokens', '+', row.output_tokens),
        })),
      )
      .execute();
  }
};

type Counter = { used: number; hard_limit: number | null; warn_at: number | null };

/** What the one message that was charged has reached; where warning and limit are the same it is the limit. */
const reachedBy = ({ used, hard_limit, warn_at }: Counter): Reached | null => {
  if (used === hard_limit) return 'limit';
  return used === warn_at ? 'warn_at' : null;
};

/** Null where nothing was reserved and nothing is charged; see `isErasedWithUser`. */
const settleShare = async (
  db: Kysely<Schema>,
  owner: QuotaOwner,
  { periodStart, messages }: { periodStart: number; messages: number },
): Promise<Counter | null> => {
  const place = { workspace_id: owner.workspaceId, owner_id: owner.ownerId, period_start: periodStart };
  const settled = await db
    .updateTable('quota_periods')
    .set((set) => ({ reserved: set('reserved', '-', 1), used: set('used', '+', messages) }))
    .where('workspace_id', '=', owner.workspaceId)
    .where('owner_id', '=', owner.ownerId)
    .where('period_start', '=', periodStart)
    .where('reserved', '>', 0)
    .returning(['used', 'hard_limit', 'warn_at'])
    .executeTakeFirst();
  if (settled) return settled;
  if (isErasedWithUser(owner.ownerId) || messages === 0) return null;
  return db
    .insertInto('quota_periods')
    .values({ ...place, period_end: periodAt(periodStart).end, reserved: 0, used: messages })
    .onConflict((conflict) =>
      conflict
        .columns(['workspace_id', 'owner_id', 'period_start'])
        .doUpdateSet((set) => ({ used: set('quota_periods.used', '+', messages) })),
    )
    .returning(['used', 'hard_limit', 'warn_at'])
    .executeTakeFirstOrThrow();
};

const insertCharge = async (db: Kysely<Schema>, owner: QuotaOwner, turn: EndedTurn & { at: number }): Promise<void> => {
  await db
    .insertInto('quota_ledger')
    .values({
      workspace_id: owner.workspaceId,
      owner_id: owner.ownerId,
      id: newId('led'),
      period_start: turn.period_start,
      turn_id: turn.id,
      bot_id: turn.bot_id,
      channel: turn.channel,
      messages: 1,
      created_at: turn.at,
    })
    .execute();
};
