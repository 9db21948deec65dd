import { isEnded } from '../../core/turn/turn.ts';
import { eventOf } from '../event-of-end.ts';
import type { StopTurn, Stopped } from '../turn-requests.ts';
import { toTurn, type TurnRow } from '../turn-rows.ts';
import { findTurnWithReply } from './find-turn.ts';
import { passConversation } from './finish-turn.ts';
import { settle } from './quota-units.ts';
import type { TurnStatements } from './turn-statements.ts';

/** Ends a waiting turn at once, without a charge, and tells of it; marks a running one for its owner. One transaction. */
export const stopTurn = async (statements: TurnStatements, input: StopTurn): Promise<Stopped> => {
  const { workspaceId, turnId, at } = input;
  const known = await findTurnWithReply(statements, workspaceId, turnId);
  if (!known) return null;
  if (isEnded(known.turn.status)) return { kind: 'ended', result: known };
  await statements.get('holdLine', workspaceId, known.turn.conversationId);
  const row = await statements.get<TurnRow>('cancelWaiting', at, workspaceId, turnId);
  if (row) {
    const cancelled = toTurn(row);
    await settle(statements, cancelled, at);
    await statements.run('insertRecord', workspaceId, turnId, null, input.log, at);
    const { id, type, createdAt } = eventOf({ turn: cancelled, status: 'cancelled', at });
    await statements.run('insertEvent', workspaceId, id, type, turnId, createdAt, 0);
    // it may have been given the conversation without having been started yet
    await passConversation(statements, cancelled, { lease: null, historyLimit: 0, at });
    return { kind: 'ended', result: { turn: cancelled, reply: null } };
  }
  if ((await statements.run('requestStop', input.request, workspaceId, turnId)) === 1) return { kind: 'requested' };
  // it ended while this waited for its conversation
  const ended = await findTurnWithReply(statements, workspaceId, turnId);
  return ended && { kind: 'ended', result: ended };
};
