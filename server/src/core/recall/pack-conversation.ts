import type { Clock } from '../../kit/clock.ts';
import type { MemoryStep } from '../memory/conversation-memory.ts';
import type { MemoryReader, RememberedMessage } from '../memory/memory-store.ts';
import type { Transact, Writers } from '../store.ts';
import type { StoredSegment } from './recall-store.ts';
import { packMessages, unpackSegment } from './pack-messages.ts';
import { encodeSegment, maxSegmentMessages, type PackedMessage } from './segment-codec.ts';

/** Past this size another segment is begun, so that a question's read is bounded by the number of segments. */
const maxSegmentBytes = 16_384;
/** Messages of one job; the rest of a long history follows behind the conversation's next turn. */
const maxMessages = 20_000;

export type PackParts = { memories: MemoryReader; transact: Transact; clock: Clock };

/** Packs what was said in a conversation since it was last packed, so that later questions find it. */
export const packConversation =
  ({ memories, transact, clock }: PackParts): MemoryStep =>
  async ({ conversation, bot, memory, settledBefore: before }, signal) => {
    if (bot.config.memory.recallTokens === 0) return;
    const { workspaceId, id } = conversation;
    let from = memory.packedSeq;
    for (let packed = 0; packed < maxMessages && from < before - 1; packed += maxSegmentMessages) {
      signal.throwIfAborted();
      const messages = await memories.listMessages(workspaceId, id, { after: from, before, limit: maxSegmentMessages });
      const to = messages.length < maxSegmentMessages ? before - 1 : endOf(messages);
      const added = packMessages(messages);
      const step = { watermark: 'packedSeq', from, revision: memory.revision, to, at: clock() } as const;
      const kept = await transact(async (writers) => {
        if (!(await writers.memories.advance(workspaceId, id, step))) return false;
        if (added.length > 0) await append(writers, { workspaceId, conversationId: id }, added);
        return true;
      });
      if (!kept) return;
      from = to;
    }
  };

const endOf = (messages: readonly RememberedMessage[]): number => messages.at(-1)?.seq ?? 0;

/** Fills the last segment up before another is begun. */
const append = async (
  { recall }: Writers,
  { workspaceId, conversationId }: { workspaceId: string; conversationId: string },
  added: readonly PackedMessage[],
): Promise<void> => {
  const last = await recall.lastSegment(workspaceId, conversationId);
  const open = last !== null && last.packed.length < maxSegmentBytes ? unpackSegment(last.packed) : [];
  const room = open.length === 0 ? 0 : Math.max(0, maxSegmentMessages - open.length);
  const filled = room === 0 ? [] : [...open, ...added.slice(0, room)];
  const rest = added.slice(room);
  for (const segment of [...divide(filled), ...divide(rest)]) {
    await recall.putSegment(workspaceId, conversationId, segment);
  }
};

/** Halves until each part is small enough, or is one message. */
const divide = (messages: readonly PackedMessage[]): StoredSegment[] => {
  const [first] = messages;
  const last = messages.at(-1);
  if (!first || !last) return [];
  const packed = encodeSegment(messages);
  if (messages.length === 1 || packed.length <= 2 * maxSegmentBytes) {
    return [{ firstSeq: first.message.seq, lastSeq: last.message.seq, packed }];
  }
  const middle = messages.length >> 1;
  return [...divide(messages.slice(0, middle)), ...divide(messages.slice(middle))];
};
