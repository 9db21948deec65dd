import type { AcceptedTurn, AcceptTurn, TurnMessage } from '../../core/turn/turn.ts';
import { quotaExceeded } from '../../core/usage/quota-exceeded.ts';
import { newId } from '../../kit/id.ts';
import { packOwners, ownersOf } from '../quota-owners-text.ts';
import { type KnownValues, type SummaryValues, toTurnMemory } from '../turn-memory-rows.ts';
import { leastLeft } from '../least-left.ts';
import { type MessageValues, toTurnMessage } from '../turn-message-rows.ts';
import { packMap } from '../turn-rows.ts';
import { claimOf, firstSeqOf, greetingSeq, type HeldConversation, newTurn, sharesFor } from '../accepted-turn.ts';
import { shareCounters } from './shared-counters.ts';
import type { Settled } from './unit-queue.ts';
import type { TurnStatements } from './turn-statements.ts';

/** A counter with this message, or the one that refuses it. */
type CounterValues = [used: number, reserved: number];

type OutcomeRow = {
  place: number;
  n: number;
  is_granted: boolean;
  is_new: boolean;
  at_id: string;
  turn_user_id: string | null;
  conversation_status: HeldConversation['status'];
  seq_base: number;
  /** In the order of the shares; where it is refused the last is that of the share with nothing left. */
  counters: CounterValues[] | null;
  history: MessageValues[] | null;
  known: KnownValues[] | null;
  summary: SummaryValues | null;
};

/**
 * T1 of messages in one call, those of a workspace in a group, no two of a group of the same conversation or
 * Idempotency-Key. Null for what needs more than one: a conversation with a turn, a first message of a period, a key that is
 * known.
 */
export const acceptTurns = async (
  statements: TurnStatements,
  groups: readonly (readonly AcceptTurn[])[],
): Promise<Settled<AcceptedTurn>[][]> => {
  const rows = await statements.all<OutcomeRow>('acceptTurns', JSON.stringify(groups.map(groupOf)));
  const outcomes: Settled<AcceptedTurn>[][] = groups.map((inputs) => inputs.map(() => null));
  for (const row of rows) {
    // PostgreSQL counts from 1
    const place = row.place - 1;
    const input = groups[place]?.[row.n];
    if (input) outcomes[place]![row.n] = row.is_granted ? { result: acceptedOf(input, row) } : refusalOf(input, row);
  }
  return outcomes;
};

const groupOf = (inputs: readonly AcceptTurn[]) => {
  const { counters, places } = shareCounters(inputs.map(takingsOf));
  return {
    workspace: inputs[0]?.workspaceId,
    units: inputs.map((input, n) => unitOf(input, n, places[n]!)).toSorted(byLocks),
    takings: counters.map((counter, place) => ({ ...counter, takes: countOf(places, place) })),
  };
};

type Unit = ReturnType<typeof unitOf>;

/** What a message counts in, outermost first. */
const takingsOf = ({ quota }: AcceptTurn) =>
  quota.shares.map(({ workspaceId, ownerId, limit, warnAt }) => ({
    workspace_id: workspaceId,
    owner_id: ownerId,
    period_start: quota.periodStart,
    hard_limit: limit,
    warn_at: warnAt,
  }));

const countOf = (places: readonly (readonly number[])[], place: number): number =>
  places.filter((path) => path.includes(place)).length;

const unitOf = (input: AcceptTurn, n: number, places: readonly number[]) => ({
  n,
  turn_id: input.turnId,
  bot_id: input.botId,
  bot_version: input.botVersion,
  channel: input.channel,
  mode: input.mode,
  principal: input.principal,
  user_id: input.userId,
  conversation_id: input.conversationId,
  starts_new: input.newConversation,
  new_conversation_id: input.newConversationId,
  event_id: input.conversationId === null ? newId('evt') : null,
  message_id: input.message.id,
  message: input.message.text,
  tokens: input.message.tokens,
  metadata: packMap(input.message.metadata),
  greeting_id: input.greeting?.id,
  greeting: input.greeting?.text,
  greeting_tokens: input.greeting?.tokens,
  context: packMap(input.context),
  route: input.idempotency?.route,
  key: input.idempotency?.key,
  fingerprint: input.idempotency?.fingerprint,
  expires_at: input.idempotency?.expiresAt,
  owner: input.lease.owner,
  lease_ms: input.lease.durationMs,
  period_start: input.quota.periodStart,
  quota_owners: packOwners(ownersOf(input.quota.shares)),
  history_limit: input.historyLimit,
  wants_facts: input.memory?.facts ?? false,
  wants_summary: input.memory?.summary ?? false,
  at: input.at,
  // PostgreSQL counts from 1
  places: places.map((place) => place + 1),
});

/** By periods, then those that lock an outer counter, then in the order of the keys; see `accept-turns-sql.ts`. */
const byLocks = (one: Unit, other: Unit): number => {
  if (one.period_start !== other.period_start) return one.period_start - other.period_start;
  if (one.places.length !== other.places.length) return other.places.length - one.places.length;
  const [oneKey, otherKey] = [one, other].map(({ principal, route, key }) => [principal, route, key].join('\n'));
  return oneKey! < otherKey! ? -1 : 1;
};

const acceptedOf = (input: AcceptTurn, row: OutcomeRow): AcceptedTurn => {
  const { conversation_status: status } = row;
  const turn = newTurn(
    input,
    { id: row.at_id, user_id: row.turn_user_id, status, next_seq: row.is_new ? firstSeqOf(input) : row.seq_base },
    true,
  );
  const counters = row.counters?.map(([used, reserved]) => ({ used, reserved }));
  const history = row.is_new ? greetingOf(input) : (row.history ?? []).map(toTurnMessage);
  return {
    kind: 'accepted',
    turn,
    claimed: claimOf(input, turn, { history, memory: toTurnMemory(row.known ?? [], row.summary), status }),
    interrupted: null,
    quota: leastLeft(input.workspaceId, sharesFor(input, status), counters ?? []),
  };
};

const greetingOf = ({ greeting, historyLimit }: AcceptTurn): TurnMessage[] =>
  greeting && historyLimit > 0
    ? [{ seq: greetingSeq, turnId: null, role: 'assistant', text: greeting.text, tokens: greeting.tokens }]
    : [];

/** Null where a counter is not there yet. */
const refusalOf = (input: AcceptTurn, { counters }: OutcomeRow): Settled<AcceptedTurn> => {
  if (counters === null) return null;
  const share = input.quota.shares[counters.length - 1];
  const [used, reserved] = counters.at(-1) ?? [];
  if (!share || used === undefined || reserved === undefined) return null;
  const { workspaceId, quota } = input;
  return { error: quotaExceeded(share, { used, reserved }, { workspaceId, quota }) };
};
