import type { Bot } from '../bot/bot.ts';
import { turnSeats } from '../conversation/conversation.ts';
import type { ConversationPlace, MemoryReader, MovedRow } from './memory-store.ts';

/** What ended since then is still in mind, or was when its process stopped in good order. */
const settledMs = 5 * 60 * 1_000;
/** Back to where the last sweep began, and a little more: event logs of turns are kept at least so long. */
export const lookBackMs = 65 * 60 * 1_000;
const turnsPerPage = 200;
/** Messages that have left the window and are in no summary. */
const lagMessages = 16;

export type LaggingParts = {
  memories: Pick<MemoryReader, 'listMoved'>;
  findBot: (workspaceId: string, botId: string) => Promise<Bot | null>;
  windowOf: (bot: Bot) => Promise<number>;
};

/** Conversations of a page of turns, and the time up to which the turns are looked through with it. */
type LaggingPage = { lagging: ConversationPlace[]; until: number };

/**
 * Conversations whose turns ended behind `from` and whose memory lags behind them, page by page: what was in the mind of a
 * process that died. It reads along the index of the event logs that are kept, and no conversation beside.
 */
export async function* findLagging(
  parts: LaggingParts,
  { from, now }: { from: number; now: number },
): AsyncGenerator<LaggingPage> {
  const seen = new Set<string>();
  const end = now - settledMs;
  for (let after = from; ;) {
    const rows = await parts.memories.listMoved({ after, until: end, limit: turnsPerPage });
    const lagging: ConversationPlace[] = [];
    for (const row of rows) {
      if (seen.has(row.conversationId)) continue;
      seen.add(row.conversationId);
      if (await isLagging(parts, row)) lagging.push(row);
    }
    const last = rows.at(-1);
    const isLast = !last || rows.length < turnsPerPage;
    yield { lagging, until: isLast ? Math.max(after, end) : last.endedAt };
    if (isLast) return;
    // a page of turns that ended in one millisecond ends there: the next sweep has them again
    after = last.endedAt;
  }
}

const isLagging = async ({ findBot, windowOf }: LaggingParts, row: MovedRow): Promise<boolean> => {
  const bot = await findBot(row.workspaceId, row.botId);
  if (!bot) return false;
  const { model, fallbackModels, memory } = bot.config;
  // with builtin alone most messages hold nothing, and those that do are noted
  const asksModels = [model, ...fallbackModels].some((name) => name !== 'builtin');
  if (memory.facts && asksModels && row.userId !== null && row.seqBase > row.factsSeq) return true;
  const messages = (2 * (row.nextSeq - row.summarySeq)) / turnSeats;
  return memory.summary && messages > (await windowOf(bot)) + lagMessages;
};
