import { newId } from '../../kit/id.ts';
import { estimateTokens } from '../../kit/token-estimate.ts';
import { type Answer, endWithout } from './answer-turn.ts';
import type { LiveTurn } from './live-turns.ts';
import { packReceipt } from './receipt-record.ts';
import type { FinishTurn, Lease, TakenTurn, Turn, TurnWithReply } from './turn.ts';
import { packTurnLog } from './turn-log-record.ts';
import type { TurnReader } from './turn-store.ts';

/** What T2 stores of an answer. `lease`: for the conversation's next turn; null where this process begins none any more. */
export const finishOf = (
  live: LiveTurn,
  turn: Turn,
  { answer, lease }: { answer: Answer; lease: Lease | null },
): FinishTurn => ({
  turn,
  status: answer.status,
  finishReason: answer.finishReason,
  errorCode: answer.errorCode,
  reply: replyOf(answer),
  model: answer.model,
  inputTokens: answer.inputTokens,
  outputTokens: answer.outputTokens,
  charge: answer.charge,
  receipt: answer.receipt && packReceipt(answer.receipt),
  log: packTurnLog(live.log),
  lease,
  historyLimit: live.historyLimit,
  at: Date.now(),
});

const replyOf = (answer: Answer): FinishTurn['reply'] =>
  answer.text === ''
    ? null
    : {
        id: newId('msg'),
        text: answer.text,
        tokens: estimateTokens(answer.text),
        citations: answer.citations,
      };

/**
 * How a turn ends that is not run again. The text it had is kept; it is charged only where the user had asked for the
 * end, never for the crash.
 */
export const leftBehind = ({ partial, stop }: Pick<TakenTurn, 'partial' | 'stop'>): Answer => {
  const text = partial ?? '';
  const rest = { text, outputTokens: text === '' ? 0 : estimateTokens(text), charge: stop !== null && text !== '' };
  if (stop === 'cancel') return { ...endWithout('cancelled', 'cancelled'), ...rest };
  if (stop === 'interrupt') return { ...endWithout('interrupted', 'cancelled'), ...rest };
  if (text !== '') return { ...endWithout('interrupted', 'error'), ...rest };
  return endWithout('failed', 'error', 'internal_error');
};

/** How a turn ended that is gone with its conversation: nothing is left of it but what it was charged. */
export const endedAsGone = async (turns: Pick<TurnReader, 'findCharge'>, turn: Turn): Promise<TurnWithReply> => {
  const charged = await turns.findCharge(turn);
  const gone: Turn = { ...turn, status: 'cancelled', finishReason: 'cancelled', charged, completedAt: Date.now() };
  return { turn: gone, reply: null };
};
