import { newId } from '../../kit/id.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Transact, Writers } from '../store.ts';
import { addSaid } from './change-facts.ts';
import type { MemoryStep, MemorySubject } from './conversation-memory.ts';
import type { Fact } from './fact.ts';
import { findFacts, messagesToSearch } from './find-facts.ts';
import type { MemoryModels } from './memory-models.ts';
import { type OnPassedOver, readInBatches } from './read-in-batches.ts';
import type { FoundFact } from './read-fact-answer.ts';
import type { MemoryReader, RememberedMessage } from './memory-store.ts';

/** Messages of the user that a model reads at once; fewer where its context is small. */
const messagesPerCall = 20;
/** Messages, of whoever, that are looked back at in a conversation that was not read for long: older ones stay unread. */
const maxBacklogMessages = 160;
/** Messages of the user that one job reads; the rest is left for the next. */
const maxMessages = maxBacklogMessages / 2;

export type FactParts = {
  memories: MemoryReader;
  transact: Transact;
  models: MemoryModels;
  clock: Clock;
  onPassedOver: OnPassedOver;
};

/** Looks for facts in what the user has said since the last time. */
export const rememberFacts =
  (parts: FactParts): MemoryStep =>
  async (subject, signal) => {
    const { conversation, bot, settledBefore } = subject;
    if (conversation.userId === null || !bot.config.memory.facts) return;
    const { workspaceId, id } = conversation;
    const latest = await parts.memories.listNewest(workspaceId, id, {
      before: settledBefore,
      limit: maxBacklogMessages,
    });
    let from = subject.memory.factsSeq;
    let after = Math.max(from, (latest.at(-1)?.seq ?? 1) - 1);
    const keepFound = async (messages: readonly RememberedMessage[], found: readonly FoundFact[]): Promise<boolean> => {
      const to = messages.at(-1)?.seq ?? after;
      const reading = { messages, found, from, to, at: parts.clock() };
      if (!(await parts.transact((writers) => keep(writers, subject, reading)))) return false;
      from = to;
      after = to;
      return true;
    };
    await readInBatches({
      async next() {
        const pending = await parts.memories.listMessages(workspaceId, id, {
          after,
          before: settledBefore,
          limit: messagesPerCall,
          role: 'user',
        });
        return pending.length === 0 ? [] : messagesToSearch(parts.models, bot, pending);
      },
      read: async (messages) =>
        keepFound(messages, await findFacts(parts.models, bot, { conversation, messages, signal })),
      async passOver(message, code) {
        if (!(await keepFound([message], []))) return false;
        parts.onPassedOver({ workspaceId, conversationId: id, messageId: message.id, memory: 'facts', code });
        return true;
      },
      maxMessages,
      signal,
    });
  };

type Reading = {
  messages: readonly RememberedMessage[];
  found: readonly FoundFact[];
  from: number;
  to: number;
  at: number;
};

/** False where somebody else has read them too, or messages are gone meanwhile: then none of it is kept. */
const keep = async (
  { memories, conversations }: Writers,
  { conversation: { workspaceId, id }, memory }: MemorySubject,
  { messages, found, from, to, at }: Reading,
): Promise<boolean> => {
  // a visitor may have become known meanwhile
  const conversation = await conversations.find(workspaceId, id);
  if (!conversation || conversation.userId === null) return false;
  const { revision } = memory;
  if (!(await memories.advance(workspaceId, id, { watermark: 'factsSeq', from, revision, to, at }))) return false;
  const place = { workspaceId, mode: conversation.mode, userId: conversation.userId };
  const known = await memories.findFacts(place);
  if (!known || found.length === 0) return true;
  const said = found.flatMap(({ message, name, value, confidence }): Fact[] => {
    const source = messages[message];
    if (!source) return [];
    const { id: messageId, seq, createdAt } = source;
    const spot = { conversationId: id, messageId, seq, confidence };
    // a message that was brought in may be dated to come: what is said until then must be newer
    return [{ id: newId('fact'), name, value, origin: 'said', at: Math.min(createdAt, at), source: spot }];
  });
  await memories.saveFacts(place, addSaid(known, said));
  return true;
};
