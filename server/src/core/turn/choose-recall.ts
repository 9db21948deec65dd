import type { ContextRecall } from './context.ts';
import type { LeftOut, ReceiptItem } from './receipt.ts';
import type { RecalledMessage } from '../recall/find-recall.ts';

/** What says of each line whose it is, and that it is quoted. */
const lineTokens = 4;
/** The line that says of which day the following ones are. */
const dayTokens = 8;

const dayMs = 86_400_000;

export type ChosenRecall = { shown: ContextRecall[]; items: ReceiptItem[] };

/**
 * The best of what was recalled that fits into the budget, in the order in which it was said. What is said word for word
 * already, there or in `history`, is not said again.
 */
export const chooseRecall = (
  recalled: readonly RecalledMessage[],
  { budgetTokens, history }: { budgetTokens: number; history: readonly { text: string }[] },
  leftOut: LeftOut[],
): ChosenRecall => {
  const said = new Set(history.map(({ text }) => wordsOf(text)));
  const groups = new Set<string>();
  const chosen: { message: RecalledMessage; tokens: number }[] = [];
  let left = budgetTokens;
  for (const message of recalled) {
    const words = wordsOf(message.text);
    if (said.has(words)) {
      leftOut.push({ kind: 'recall', messageId: message.messageId, reason: 'duplicate' });
      continue;
    }
    const tokens = costOf(message) + (groups.has(groupOf(message)) ? 0 : dayTokens);
    if (tokens > left) {
      leftOut.push({ kind: 'recall', messageId: message.messageId, reason: 'budget' });
      continue;
    }
    left -= tokens;
    said.add(words);
    groups.add(groupOf(message));
    chosen.push({ message, tokens });
  }
  chosen.sort((one, other) => inOrder(one.message, other.message));
  return {
    shown: chosen.map(({ message: { conversationId, role, text, createdAt } }) => ({
      conversationId,
      role,
      text,
      createdAt,
    })),
    items: chosen.map(({ message: { messageId, score, reason }, tokens }) => ({
      messageId,
      score,
      origin: reason,
      tokens,
    })),
  };
};

/** Blanks that are not one space between two words. */
const looseBlank = /\s\s|[^\S ]|^\s|\s$/;

/** To look costs less than to write anew, and few texts have them. */
const wordsOf = (text: string): string => (looseBlank.test(text) ? text.trim().replaceAll(/\s+/g, ' ') : text);

const costOf = ({ text, tokens }: RecalledMessage): number => tokens + text.split('\n').length * lineTokens;

const dayOf = ({ createdAt }: RecalledMessage): number => Math.floor(createdAt / dayMs);

/** What stands under one line with a day. */
const groupOf = (message: RecalledMessage): string => `${dayOf(message)} ${message.conversationId}`;

const inOrder = (one: RecalledMessage, other: RecalledMessage): number =>
  dayOf(one) - dayOf(other) ||
  (one.conversationId < other.conversationId
    ? -1
    : one.conversationId > other.conversationId
      ? 1
      : one.seq - other.seq);
