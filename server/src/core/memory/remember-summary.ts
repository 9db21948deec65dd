import type { Transact } from '../store.ts';
import type { Clock } from '../../kit/clock.ts';
import type { ConversationMemory, MemoryStep, MemorySubject } from './conversation-memory.ts';
import { type Folded, foldSummary, messagesToFold } from './fold-summary.ts';
import type { MemoryModels } from './memory-models.ts';
import type { MemoryReader, RememberedMessage } from './memory-store.ts';
import { type OnPassedOver, readInBatches } from './read-in-batches.ts';

/** Messages of a step: enough that the model is not asked for each turn. */
const maxStepMessages = 16;
const minStepMessages = 4;
/** The latest, which are never in the summary yet where the window shows them. */
const latestMessages = 2;
/** Of the messages that the window shows, those beyond are taken as likely to be left out for want of room. */
const maxShownTokens = 3_000;
/** Read by the model at once; fewer where they are long or its context is small. */
const maxFoldMessages = 60;
/** A conversation that was long before it had a summary begins with its latest, so that none costs more than this. */
const maxBacklogMessages = 120;
/** Folded by one job; the rest is left for the next. */
const maxMessages = 2 * maxBacklogMessages;

export type SummaryParts = {
  memories: MemoryReader;
  transact: Transact;
  models: MemoryModels;
  clock: Clock;
  onPassedOver: OnPassedOver;
};

/**
 * Folds what is about to leave the window into the summary: ahead of it by a step, so that no message is in neither. A bot
 * that keeps no summary loses the one it had.
 */
export const rememberSummary =
  (parts: SummaryParts): MemoryStep =>
  async (subject, signal) => {
    const { conversation, bot } = subject;
    const { workspaceId, id } = conversation;
    if (!bot.config.memory.summary) {
      if (subject.memory.summary === null) return;
      await parts.transact((writers) => writers.memories.dropSummary(workspaceId, id, parts.clock()));
      return;
    }
    const before = await findBoundary(parts.memories, subject);
    let { memory } = subject;
    const moveOn = async (to: number, summary?: Folded): Promise<boolean> => {
      const { summarySeq: from, revision } = memory;
      const at = parts.clock();
      const step = { watermark: 'summarySeq', from, revision, to, ...(summary ? { summary } : {}), at } as const;
      const isKept = await parts.transact(({ memories }) => memories.advance(workspaceId, id, step));
      memory = { ...memory, summarySeq: to, summary: summary?.text ?? memory.summary };
      return isKept;
    };
    await readInBatches({
      async next() {
        const pending = await findPending(parts.memories, memory, before);
        if (pending.length < stepOf(subject.window)) return [];
        return messagesToFold(parts.models, bot, { summary: memory.summary, messages: pending });
      },
      async read(messages) {
        const { summary } = memory;
        const folded = await foldSummary(parts.models, bot, { conversation, summary, messages, signal });
        return moveOn(messages.at(-1)?.seq ?? memory.summarySeq, folded);
      },
      async passOver(message, code) {
        if (!(await moveOn(message.seq))) return false;
        parts.onPassedOver({ workspaceId, conversationId: id, messageId: message.id, memory: 'summary', code });
        return true;
      },
      maxMessages,
      signal,
    });
  };

const stepOf = (window: number): number =>
  Math.max(minStepMessages, Math.min(maxStepMessages, window - latestMessages));

/** The place before which messages belong into the summary. */
const findBoundary = async (memories: MemoryReader, { conversation, window, settledBefore }: MemorySubject) => {
  const limit = Math.max(0, window - stepOf(window));
  if (limit === 0) return settledBefore;
  const newest = await memories.listNewest(conversation.workspaceId, conversation.id, {
    before: settledBefore,
    limit,
  });
  let tokens = 0;
  for (const [at, message] of newest.entries()) {
    tokens += message.tokens;
    if (at >= latestMessages && tokens > maxShownTokens) return message.seq + 1;
  }
  return newest.length < limit ? 0 : (newest.at(-1)?.seq ?? 0);
};

/** The next messages to be folded. */
const findPending = async (
  memories: MemoryReader,
  { workspaceId, conversationId, summarySeq }: ConversationMemory,
  before: number,
): Promise<RememberedMessage[]> => {
  const latest = await memories.listNewest(workspaceId, conversationId, { before, limit: maxBacklogMessages });
  const first = (latest.at(-1)?.seq ?? 0) - 1;
  const after = summarySeq === 0 ? Math.max(0, first) : summarySeq;
  return memories.listMessages(workspaceId, conversationId, { after, before, limit: maxFoldMessages });
};
