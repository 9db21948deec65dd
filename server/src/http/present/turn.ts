import { errorCatalogue, isTurnErrorCode } from '@parley/protocol/error-catalogue';
import type { turnSchema } from '@parley/protocol/turn-schemas';
import type { z } from 'zod';
import type { Principal } from '../../core/access/principal.ts';
import type { TurnWithReply } from '../../core/turn/turn.ts';
import { forCaller } from './for-caller.ts';
import { presentMessage } from './message.ts';
import { presentTime, presentTimeOrNull } from './time.ts';

export type WireTurn = z.output<typeof turnSchema>;

/** A turn with its reply: the answer of a call, and the data of a terminal event. */
export const presentTurn = ({ turn, reply }: TurnWithReply): WireTurn => ({
  id: turn.id,
  object: 'turn',
  status: turn.status,
  bot_id: turn.botId,
  conversation_id: turn.conversationId,
  user_id: turn.userId,
  reply: reply && presentMessage(reply),
  usage: { input_tokens: turn.inputTokens, output_tokens: turn.outputTokens, messages: turn.charged },
  model: turn.model,
  finish_reason: turn.finishReason,
  error: presentError(turn),
  bot_version: turn.botVersion,
  created_at: presentTime(turn.createdAt),
  completed_at: presentTimeOrNull(turn.completedAt),
});

/** As the caller may see it: the reply of a person names its author in its metadata. */
export const presentTurnFor = (principal: Principal, { turn, reply }: TurnWithReply): WireTurn => ({
  ...presentTurn({ turn, reply: null }),
  reply: reply && forCaller(principal, presentMessage)(reply),
});

const presentError = ({ errorCode: code }: TurnWithReply['turn']): WireTurn['error'] => {
  if (code === null) return null;
  const told = isTurnErrorCode(code) ? code : 'internal_error';
  const { type, title } = errorCatalogue[told];
  return { type, code: told, message: title };
};
