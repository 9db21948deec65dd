import type { Clock } from '../../kit/clock.ts';
import type { KnowledgeReader, KnowledgeSize } from './knowledge-store.ts';

/** Sizes kept at once; one is two numbers. */
const maxCached = 10_000;
/** Longest time in which a source that another process made ready goes unnoticed. */
const freshMs = 5_000;

/**
 * Sizes of the bots' knowledge for the path of a turn: a bot without knowledge costs no query at all. `forget` must be
 * called after the commit of every change made here.
 */
export interface KnowledgeSizeCache {
  /** At once where the size is remembered. */
  find(workspaceId: string, botId: string): KnowledgeSize | Promise<KnowledgeSize>;
  forget(botId: string): void;
}

export const createKnowledgeSizeCache = (
  knowledge: Pick<KnowledgeReader, 'size'>,
  clock: Clock,
): KnowledgeSizeCache => {
  const cached = new Map<string, { workspaceId: string; size: KnowledgeSize; freshUntil: number }>();
  let changes = 0;

  const read = async (workspaceId: string, botId: string): Promise<KnowledgeSize> => {
    const before = changes;
    const size = await knowledge.size(workspaceId, botId);
    // what was read before a change must not be remembered after it
    if (before === changes) {
      cached.delete(botId);
      cached.set(botId, { workspaceId, size, freshUntil: clock() + freshMs });
      const [oldest] = cached.keys();
      if (cached.size > maxCached && oldest !== undefined) cached.delete(oldest);
    }
    return size;
  };

  return {
    find(workspaceId, botId) {
      const known = cached.get(botId);
      if (known && known.workspaceId === workspaceId && clock() < known.freshUntil) return known.size;
      return read(workspaceId, botId);
    },
    forget(botId) {
      changes += 1;
      cached.delete(botId);
    },
  };
};
