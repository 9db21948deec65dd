import type { MessageRole } from '../core/conversation/conversation.ts';
import type { TurnMessage } from '../core/turn/turn.ts';

/** What a model needs of a message, in the order in which the turns' statements give it. */
export type MessageValues = [seq: number, turnId: string | null, role: MessageRole, text: string, tokens: number];

export const toTurnMessage = ([seq, turnId, role, text, tokens]: MessageValues): TurnMessage => ({
  seq,
  turnId,
  role,
  text,
  tokens,
});
