import { type Kysely, sql } from 'kysely';
import { type Message, textOf, turnSeats } from '../core/conversation/conversation.ts';
import type { Turn } from '../core/turn/turn.ts';
import { withLateReply } from '../core/turn/turn-log-record.ts';
import type { Schema } from './schema.ts';

type Place = { workspaceId: string; conversationId: string };

/** A turn that waits for a person, and where their reply goes. */
export type AwaitedTurn = Pick<Turn, 'id' | 'attempt' | 'fence' | 'startedAt'> & { seq: number };

/** The latest turn of a conversation in a person's hands, where nobody has answered it. */
export const findAwaitedTurn = async (db: Kysely<Schema>, place: Place): Promise<AwaitedTurn | null> => {
  const turn = await findUnanswered(db, place);
  if (turn?.conversation_status !== 'human') return null;
  const { id, attempt, fence, started_at: startedAt } = turn;
  return { id, seq: replyPlaceOf(turn), attempt, fence, startedAt };
};

type TurnPlace = { workspaceId: string; turnId: string };

/** Which of these turns still wait for a person, by their ids. */
export const findAwaitedTurns = async (db: Kysely<Schema>, turns: readonly TurnPlace[]): Promise<Set<string>> => {
  // neither database knows an empty list
  if (turns.length === 0) return new Set();
  const rows = await selectAwaited(db, turns).execute();
  return new Set(rows.map(({ id }) => id));
};

/** What `findAwaitedTurns` sends for so many turns. */
export const awaitedTurnsText = (db: Kysely<Schema>, length: number): string =>
  selectAwaited(
    db,
    Array.from({ length }, () => ({ workspaceId: '', turnId: '' })),
  ).compile().sql;

/**
 * Each turn is a subquery that gives one value, so that both databases look it up by its key, whatever they know of the
 * sizes of tables.
 */
const selectAwaited = (db: Kysely<Schema>, turns: readonly TurnPlace[]) => {
  const places = turns.map(({ workspaceId, turnId }) => sql`(cast(${workspaceId} as text), cast(${turnId} as text))`);
  const waits = db
    .selectFrom('turns')
    .innerJoin('conversations', (join) =>
      join
        .onRef('conversations.workspace_id', '=', 'turns.workspace_id')
        .onRef('conversations.id', '=', 'turns.conversation_id'),
    )
    .select(sql<number>`1`.as('waits'))
    .where(sql<boolean>`turns.workspace_id = asked.workspace_id and turns.id = asked.id`)
    .where('turns.status', '=', 'completed')
    .where('turns.finish_reason', '=', 'human')
    .where('conversations.status', '=', 'human')
    .where('conversations.deleted_at', 'is', null)
    .where((turn) =>
      turn.not(
        turn.exists(
          turn
            .selectFrom('turns as later')
            .select('later.id')
            .whereRef('later.workspace_id', '=', 'turns.workspace_id')
            .whereRef('later.conversation_id', '=', 'turns.conversation_id')
            .whereRef('later.seq_base', '>', 'turns.seq_base'),
        ),
      ),
    )
    .where((turn) =>
      turn.not(
        turn.exists(
          turn
            .selectFrom('messages')
            .select('messages.id')
            .whereRef('messages.workspace_id', '=', 'turns.workspace_id')
            .whereRef('messages.conversation_id', '=', 'turns.conversation_id')
            .where('messages.seq', '=', sql<number>`${turn.ref('turns.seq_base')} + ${sql.lit(turnSeats - 1)}`),
        ),
      ),
    );
  return db
    .with('asked(workspace_id, id)', () => sql<{ workspace_id: string; id: string }>`(values ${sql.join(places)})`)
    .selectFrom('asked')
    .select('asked.id')
    .where(sql<boolean>`(${waits}) = 1`);
};

/**
 * The first place of the latest turn, where a person may yet reply to it: also in a conversation that they gave back, since
 * they may take it again. Null where nobody will.
 */
export const findOpenSeat = async (db: Kysely<Schema>, place: Place): Promise<number | null> =>
  (await findUnanswered(db, place))?.seq_base ?? null;

const replyPlaceOf = (turn: { seq_base: number }): number => turn.seq_base + turnSeats - 1;

/** The latest turn, where it was left to a person and has no reply. */
const findUnanswered = async (db: Kysely<Schema>, { workspaceId, conversationId }: Place) => {
  const turn = await db
    .selectFrom('turns')
    .innerJoin('conversations', (join) =>
      join
        .onRef('conversations.workspace_id', '=', 'turns.workspace_id')
        .onRef('conversations.id', '=', 'turns.conversation_id'),
    )
    .select(['turns.id', 'turns.seq_base', 'turns.attempt', 'turns.fence', 'turns.started_at'])
    .select(['turns.status', 'turns.finish_reason', 'conversations.status as conversation_status'])
    .where('turns.workspace_id', '=', workspaceId)
    .where('turns.conversation_id', '=', conversationId)
    .where('conversations.deleted_at', 'is', null)
    .orderBy('turns.seq_base', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (turn?.status !== 'completed' || turn.finish_reason !== 'human') return null;
  const reply = await db
    .selectFrom('messages')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('conversation_id', '=', conversationId)
    .where('seq', '=', replyPlaceOf(turn))
    .executeTakeFirst();
  return reply ? null : turn;
};

/**
 * Takes hold of a conversation in a person's hands, so that two who answer at once, or one who answers while another
 * releases it, come one behind the other. False where it is in nobody's.
 */
export const holdForAnswer = async (
  db: Kysely<Schema>,
  { workspaceId, conversationId, at }: Place & { at: number },
): Promise<boolean> => {
  const { numUpdatedRows } = await db
    .updateTable('conversations')
    .set((set) => ({ updated_at: set.case().when('updated_at', '<', at).then(at).else(set.ref('updated_at')).end() }))
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', conversationId)
    .where('status', '=', 'human')
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
};

/** Puts the reply into the log of its turn, which is kept from now on as if the turn had ended now. */
export const logReply = async (db: Kysely<Schema>, turn: AwaitedTurn, message: Message): Promise<void> => {
  const { workspaceId, createdAt: endedAt } = message;
  const record = await db
    .selectFrom('turn_records')
    .select('log')
    .where('workspace_id', '=', workspaceId)
    .where('turn_id', '=', turn.id)
    .executeTakeFirst();
  const log = withLateReply(record?.log ?? null, { turn, text: textOf(message) });
  await db
    .insertInto('turn_records')
    .values({ workspace_id: workspaceId, turn_id: turn.id, receipt: null, log, ended_at: endedAt })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'turn_id']).doUpdateSet({ log, ended_at: endedAt }))
    .execute();
};
