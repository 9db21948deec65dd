import { turnSeats } from '../../core/conversation/conversation.ts';
import type { FinishedTurn, FinishTurn, Turn } from '../../core/turn/turn.ts';
import { dayAt } from '../../core/usage/period.ts';
import { thresholdEvent } from '../../core/usage/threshold-event.ts';
import { newId } from '../../kit/id.ts';
import { eventOf } from '../event-of-end.ts';
import { endOf, replyOf } from '../ended-turn.ts';
import { shareCounters } from './shared-counters.ts';
import type { TurnStatements } from './turn-statements.ts';
import type { Settled } from './unit-queue.ts';

/**
 * T2 of turns in one call, those of a workspace in a group, each of another conversation. Null for what needs more than
 * one: a turn that others may wait behind, and one that is not ours any more.
 */
export const finishTurns = async (
  statements: TurnStatements,
  groups: readonly (readonly FinishTurn[])[],
): Promise<Settled<FinishedTurn | null>[][]> => {
  const events = groups.map((inputs) => inputs.map(eventOf));
  const rows = await statements.all<{ place: number; n: number; held_until: number | null }>(
    'finishTurns',
    JSON.stringify(groups.map((inputs, at) => groupOf(inputs, events[at]!))),
  );
  const outcomes: Settled<FinishedTurn | null>[][] = groups.map((inputs) => inputs.map(() => null));
  for (const { place, n, held_until: heldUntil } of rows) {
    // PostgreSQL counts from 1
    const [input, event] = [groups[place - 1]?.[n], events[place - 1]?.[n]];
    if (!input || !event) continue;
    const isHeld = heldUntil !== null && (input.eventHeldMs ?? 0) > 0;
    const held = isHeld ? { ...event, heldUntil } : null;
    outcomes[place - 1]![n] = {
      result: { result: { turn: endOf(input), reply: replyOf(input) }, event: held, next: null },
    };
  }
  return outcomes;
};

const groupOf = (inputs: readonly FinishTurn[], events: readonly ReturnType<typeof eventOf>[]) => {
  const [first] = inputs;
  const { counters, places } = shareCounters(inputs.map(countersOf));
  const days = daysOf(inputs);
  return {
    workspace: first?.turn.workspaceId,
    units: inputs.map((input, n) => unitOf(input, { n, event: events[n]!, places: places[n]!, days })),
    counters: counters.map((counter) => ({ ...counter, ...crossingsOf(counter.period_start, first?.at ?? 0) })),
    days,
  };
};

/** What a turn counts in, outermost first. */
const countersOf = ({ turn }: FinishTurn) =>
  turn.quotaOwners.map(({ workspaceId, ownerId }) => ({
    workspace_id: workspaceId,
    owner_id: ownerId,
    period_start: turn.periodStart,
  }));

/** For what is told where the turns together cross a counter's warning or its limit. */
const crossingsOf = (periodStart: number, at: number) => {
  const warned = thresholdEvent('warn_at', { periodStart, at });
  const spent = thresholdEvent('limit', { periodStart, at });
  return { warned_id: warned.id, spent_id: spent.id, at: warned.at };
};

type Day = { mode: Turn['mode']; day: string; bot_id: string; channel: Turn['channel'] };

const dayOf = ({ turn }: FinishTurn): Day => ({
  mode: turn.mode,
  day: dayAt(turn.createdAt),
  bot_id: turn.botId,
  channel: turn.channel,
});

/** Each once, in an order that all keep: they lock their counts. */
const daysOf = (inputs: readonly FinishTurn[]): Day[] => {
  const byName = new Map(inputs.map(dayOf).map((day) => [JSON.stringify(day), day]));
  return [...byName.keys()].toSorted().map((name) => byName.get(name)!);
};

const unitOf = (
  input: FinishTurn,
  of: { n: number; event: ReturnType<typeof eventOf>; places: readonly number[]; days: readonly Day[] },
) => {
  const { turn, reply } = input;
  const { n, event, places, days } = of;
  const own = JSON.stringify(dayOf(input));
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
    bot_id: turn.botId,
    channel: turn.channel,
    period_start: turn.periodStart,
    at: input.at,
    // PostgreSQL counts from 1
    places: places.map((place) => place + 1),
    charge_ids: places.map(() => newId('led')),
    day_place: days.findIndex((day) => JSON.stringify(day) === own) + 1,
  };
};
