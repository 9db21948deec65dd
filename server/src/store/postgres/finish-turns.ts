import { turnSeats } from '../../core/conversation/conversation.ts';
import type { FinishedTurn, FinishTurn } from '../../core/turn/turn.ts';
import { dayAt } from '../../core/usage/period.ts';
import { newId } from '../../kit/id.ts';
import { eventOf } from '../event-of-end.ts';
import { endOf, replyOf } from './ended-turn.ts';
import type { TurnStatements } from './turn-statements.ts';
import type { Settled } from './unit-queue.ts';

/**
 * T2 of turns of one workspace, each of another conversation, in one call. Null for what needs more than one: a turn
 * that others may wait behind, and one that is not ours any more.
 */
export const finishTurns = async (
  statements: TurnStatements,
  inputs: readonly FinishTurn[],
): Promise<Settled<FinishedTurn | null>[]> => {
  const [first] = inputs;
  if (!first) return [];
  const events = inputs.map(eventOf);
  const units = inputs.map((input, n) => unitOf(input, n, events[n]!)).toSorted(byLocks);
  const rows = await statements.all<{ n: number; held_until: number | null }>(
    'finishTurns',
    first.turn.workspaceId,
    JSON.stringify(units),
  );
  const outcomes: Settled<FinishedTurn | null>[] = inputs.map(() => null);
  for (const { n, held_until: heldUntil } of rows) {
    const [input, event] = [inputs[n], events[n]];
    if (!input || !event) continue;
    const isHeld = heldUntil !== null && (input.eventHeldMs ?? 0) > 0;
    const held = isHeld ? { ...event, heldUntil } : null;
    outcomes[n] = { result: { result: { turn: endOf(input), reply: replyOf(input) }, event: held, next: null } };
  }
  return outcomes;
};

type Unit = ReturnType<typeof unitOf>;

const unitOf = (input: FinishTurn, n: number, event: ReturnType<typeof eventOf>) => {
  const { turn, reply } = input;
  return {
    n,
    turn_id: turn.id,
    conversation_id: turn.conversationId,
    reply_seq: turn.seqBase + turnSeats - 1,
    fence: turn.fence,
    status: input.status,
    finish_reason: input.finishReason,
    error_code: input.errorCode,
    model: input.model,
    input_tokens: input.inputTokens,
    output_tokens: input.outputTokens,
    charged: endOf(input).charged,
    reply_id: reply?.id,
    reply: reply?.text,
    reply_tokens: reply?.tokens,
    citations: reply && reply.citations.length > 0 ? JSON.stringify(reply.citations) : null,
    receipt: input.receipt,
    log: input.log,
    event_id: event.id,
    event: event.type,
    event_held_ms: input.eventHeldMs ?? 0,
    mode: turn.mode,
    day: dayAt(turn.createdAt),
    bot_id: turn.botId,
    channel: turn.channel,
    period_start: turn.periodStart,
    at: input.at,
    owners: turn.quotaOwners.map(({ workspaceId, ownerId }) => [workspaceId, ownerId, newId('led'), newId('evt')]),
    owner_count: turn.quotaOwners.length,
  };
};

/** Those that lock an outer counter go first, then in the order of what they are counted by; see `finish-turns-sql.ts`. */
const byLocks = (one: Unit, other: Unit): number => {
  if (one.owners.length !== other.owners.length) return other.owners.length - one.owners.length;
  const [oneKey, otherKey] = [one, other].map(({ mode, day, bot_id, channel }) =>
    [mode, day, bot_id, channel].join('\n'),
  );
  return oneKey! < otherKey! ? -1 : 1;
};
