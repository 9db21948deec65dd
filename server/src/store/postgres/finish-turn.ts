import type { ClaimedTurn, FinishedTurn, FinishTurn, Lease, Turn } from '../../core/turn/turn.ts';
import { eventOf } from '../event-of-end.ts';
import type { TurnRow } from '../turn-rows.ts';
import { claimedTurn } from './claimed-turn.ts';
import { endOf, replyOf } from '../ended-turn.ts';
import { insertMessage } from './insert-message.ts';
import { settle } from './quota-units.ts';
import type { TurnStatements } from './turn-statements.ts';

/**
 * T2 as one transaction of several statements, for what `finish-turns.ts` leaves: a turn that others wait behind, and one
 * that is not ours any more. Nothing is written where the fence is another's.
 */
export const finishTurn = async (statements: TurnStatements, input: FinishTurn): Promise<FinishedTurn | null> => {
  const { turn, at } = input;
  const result = endOf(input);
  await statements.get('holdLine', turn.workspaceId, turn.conversationId);
  const ended = await statements.run(
    'endTurn',
    ...[input.status, input.finishReason, input.errorCode, input.model, input.inputTokens, input.outputTokens],
    ...[result.charged, at, turn.workspaceId, turn.id, turn.fence],
  );
  if (ended === 0) return null;
  const reply = replyOf(input);
  if (reply) await insertMessage(statements, reply);
  await settle(statements, result, at);
  await statements.run('insertRecord', turn.workspaceId, turn.id, input.receipt, input.log, at);
  const event = eventOf(input);
  const { workspaceId, id, type, subjectId, createdAt } = event;
  const { eventHeldMs = 0 } = input;
  const told = await statements.get<{ available_at: number }>(
    'insertEvent',
    ...[workspaceId, id, type, subjectId, createdAt, eventHeldMs],
  );
  return {
    result: { turn: result, reply },
    event: told && eventHeldMs > 0 ? { ...event, heldUntil: told.available_at } : null,
    next: await passConversation(statements, turn, input),
  };
};

/**
 * Gives the conversation to its oldest waiting turn, and the turn to this process, unless it takes on no more. The
 * conversation's row must be held.
 */
export const passConversation = async (
  statements: TurnStatements,
  ended: Turn,
  options: { lease: Lease | null; historyLimit: number; at: number },
): Promise<ClaimedTurn | null> => {
  const { workspaceId, conversationId } = ended;
  const { lease, at } = options;
  const next = await statements.get<{ id: string }>('findNextWaiting', workspaceId, conversationId, ended.seqBase);
  const place = [workspaceId, conversationId, ended.id] as const;
  const passed = await statements.run('passConversation', at, next?.id ?? null, ...place);
  if (passed === 0 || !next || !lease) return null;
  const values = [lease.owner, lease.durationMs, at, workspaceId, next.id] as const;
  const row = await statements.get<TurnRow>('startTurn', ...values);
  return row ? claimedTurn(statements, row, options.historyLimit) : null;
};
