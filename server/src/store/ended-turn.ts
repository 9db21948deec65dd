import { type Message, textParts, turnSeats } from '../core/conversation/conversation.ts';
import type { FinishTurn, Turn } from '../core/turn/turn.ts';

/** The turn as T2 leaves it. */
export const endOf = (input: FinishTurn): Turn => ({
  ...input.turn,
  status: input.status,
  finishReason: input.finishReason,
  errorCode: input.errorCode,
  model: input.model,
  inputTokens: input.inputTokens,
  outputTokens: input.outputTokens,
  charged: input.charge && input.turn.quotaOwners.length > 0 ? 1 : 0,
  completedAt: input.at,
});

/** Its reply, on the last of its places. */
export const replyOf = ({ turn, reply, at }: FinishTurn): Message | null =>
  reply && {
    id: reply.id,
    workspaceId: turn.workspaceId,
    conversationId: turn.conversationId,
    seq: turn.seqBase + turnSeats - 1,
    turnId: turn.id,
    role: 'assistant',
    parts: textParts(reply.text),
    tokens: reply.tokens,
    metadata: {},
    citations: reply.citations,
    createdAt: at,
  };
