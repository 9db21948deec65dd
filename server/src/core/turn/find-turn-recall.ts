import { findRecall, type RecallParts } from '../recall/find-recall.ts';
import { type AnswerParts, questionOf } from './answer-turn.ts';
import { windowStart } from './compose-context.ts';

/** What a turn's user said before that bears on its message, beside what the turn shows anyway. */
export const findTurnRecall =
  (parts: RecallParts): AnswerParts['findRecall'] =>
  async (bot, { turn, messages, history }, window) => {
    const budgetTokens = bot.config.memory.recallTokens;
    const shownFrom = windowStart(history, window);
    if (budgetTokens === 0 || messages.length === 0) return [];
    return findRecall(parts, {
      turn,
      budgetTokens,
      shownFrom,
      question: questionOf({ messages }),
      before: history.findLast((message) => message.role === 'user')?.text ?? null,
    });
  };
