import type { Principal } from '../../core/access/principal.ts';
import type { Turn, TurnStatus } from '../../core/turn/turn.ts';
import type { TurnEvent } from '../../core/turn/turn-log.ts';
import { presentTurnFor } from './turn.ts';

const terminalNames: Partial<Record<TurnStatus, string>> = {
  completed: 'turn.completed',
  failed: 'turn.failed',
  cancelled: 'turn.cancelled',
  interrupted: 'turn.interrupted',
};

/** An event of a turn's log as it is sent to the caller: its name, and its data as JSON. */
export const presentTurnEvent = (
  principal: Principal,
  turn: Turn,
  event: Exclude<TurnEvent, { type: 'untold' }>,
): { name: string; data: string } => {
  switch (event.type) {
    case 'delta':
      return { name: 'reply.delta', data: `{"text":${JSON.stringify(event.text)}}` };
    case 'queued':
      return { name: 'turn.queued', data: whose(turn) };
    case 'started':
      return { name: 'turn.started', data: whose(turn) };
    case 'tool_started':
      return { name: 'tool.started', data: JSON.stringify(event.data) };
    case 'tool_completed':
      return { name: 'tool.completed', data: JSON.stringify(event.data) };
    case 'ended':
      return {
        name: terminalNames[event.result.turn.status] ?? 'turn.failed',
        data: JSON.stringify(presentTurnFor(principal, event.result)),
      };
  }
};

const whose = (turn: Turn): string =>
  JSON.stringify({
    turn_id: turn.id,
    conversation_id: turn.conversationId,
    bot_id: turn.botId,
    user_id: turn.userId,
  });
