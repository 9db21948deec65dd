import { type Kysely, sql } from 'kysely';
import { type EndedAt, endedTurnColumns, endTurns } from './end-turns-sql.ts';
import type { Schema } from './schema.ts';
import { tenantTables } from './tenant-tables.ts';

type Target = { workspaceId: string; limit: number } & EndedAt;
type Purged = { done: boolean; endedTurns: string[] };

/** Tables with the most rows stand first, so that a batch is mostly one statement. */
const largestFirst = [
  'messages',
  'turn_records',
  'turns',
  'postings',
  'chunks',
  'vectors',
  'vector_codes',
  'quota_ledger',
  'conversations',
];
/** Rows that may be as large as so many others together. */
const weights: Readonly<Record<string, number>> = { source_bytes: 25, source_contents: 25 };
const removalOrder = [...new Set([...largestFirst, ...Object.keys(tenantTables)])];

/**
 * Removes about `limit` rows of a workspace that is marked as deleted, the workspace itself last. First nothing new can
 * come into its bots and conversations; then its turns end, and give back what they hold of a parent's quota; then its rows
 * go, table by table. Each batch is one of these steps.
 */
export const purgeWorkspace = async (db: Kysely<Schema>, target: Target): Promise<Purged> => {
  const { workspaceId } = target;
  const workspace = await db
    .selectFrom('workspaces')
    .select('deleted_at')
    .where('id', '=', workspaceId)
    .executeTakeFirst();
  if (workspace?.deleted_at === null) throw new Error('only a workspace that is marked as deleted is purged');
  if (await markAll(db, target)) return { done: false, endedTurns: [] };
  const endedTurns = await endOpenTurns(db, target);
  if (endedTurns.length > 0) return { done: false, endedTurns };
  if (await removeRows(db, target)) return { done: false, endedTurns: [] };
  await db.deleteFrom('workspaces').where('id', '=', workspaceId).execute();
  return { done: true, endedTurns: [] };
};

/** Marks bots and conversations as deleted; true where some were not, and more may be left. */
const markAll = async (db: Kysely<Schema>, { workspaceId, limit, at }: Target): Promise<boolean> => {
  const bots = await db
    .updateTable('bots')
    .set({ deleted_at: at })
    .where('workspace_id', '=', workspaceId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  const open = await db
    .selectFrom('conversations')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('deleted_at', 'is', null)
    .orderBy('mode')
    .orderBy('id')
    .limit(limit)
    .execute();
  if (open.length > 0) {
    await db
      .updateTable('conversations')
      .set({ deleted_at: at, active_turn_id: null })
      .where('workspace_id', '=', workspaceId)
      .where(
        'id',
        'in',
        open.map(({ id }) => id),
      )
      .execute();
  }
  return bots.numUpdatedRows > 0n || open.length > 0;
};

const endOpenTurns = async (db: Kysely<Schema>, { workspaceId, limit, at, leases }: Target): Promise<string[]> => {
  for (const status of ['running', 'queued'] as const) {
    const open = await db
      .selectFrom('turns')
      .select(endedTurnColumns)
      .where('workspace_id', '=', workspaceId)
      // written out: with a parameter the small index of these turns could not be used
      .where('status', '=', sql.lit(status))
      .limit(Math.max(1, Math.floor(limit / statementsPerTurn)))
      .execute();
    const ended = await endTurns(db, { workspaceId, at, leases }, open);
    if (ended.length > 0) return ended;
  }
  return [];
};

/** Ending a turn writes it, its counters and its charges. */
const statementsPerTurn = 5;

/** True where rows were removed, and more may be left. */
const removeRows = async (db: Kysely<Schema>, { workspaceId, limit }: Target): Promise<boolean> => {
  let left = limit;
  for (const table of removalOrder) {
    const key = tenantTables[table as keyof typeof tenantTables];
    const columns = sql.join(['workspace_id', ...key].map((column) => sql.ref(column)));
    const weight = weights[table] ?? 1;
    const rows = Math.ceil(left / weight);
    const { numAffectedRows } = await sql`delete from ${sql.table(table)} where (${columns}) in
      (select ${columns} from ${sql.table(table)} where workspace_id = ${workspaceId} limit ${rows})`.execute(db);
    left -= Number(numAffectedRows ?? 0n) * weight;
    if (left <= 0) return true;
  }
  return left < limit;
};
