import { turnSeats } from '../conversation/conversation.ts';
import { tokensOfCall } from './compose-context.ts';
import type { AcceptTurn } from './turn.ts';

/** The last place of a block is the reply's. */
const maxMessages = turnSeats - 1;
/** As many as one call may bring. */
const maxContextPairs = 16;

/** A turn that waits, as the message finds it. */
export type WaitingTurn = {
  context: Readonly<Record<string, string>>;
  messageCount: number;
  /** Of its messages together. */
  messageTokens: number;
};

/**
 * Whether a message may be merged into a turn: as long as that stays one that a single call could have been, in its pairs
 * and in what the model has room for. Past it all who are in the turn would fail for what the last one added.
 */
export const mayJoin = (
  { context, messageCount, messageTokens }: WaitingTurn,
  {
    context: added,
    message,
    roomTokens = Infinity,
  }: Pick<AcceptTurn, 'context' | 'roomTokens'> & {
    message: { tokens: number };
  },
): boolean => {
  const joined = Object.entries({ ...context, ...added });
  if (messageCount >= maxMessages || joined.length > maxContextPairs) return false;
  const messages = { count: messageCount + 1, tokens: messageTokens + message.tokens };
  return tokensOfCall(joined, messages) <= roomTokens;
};
