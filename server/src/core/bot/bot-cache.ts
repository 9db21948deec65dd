import { BoundedCache } from '../../kit/bounded-cache.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Bot } from './bot.ts';
import type { BotReader } from './bot-store.ts';

/** Bots kept at once, about 25 KB each at their largest. */
const maxCached = 2_000;
/** Longest time in which a change made by another process goes unnoticed. */
const freshMs = 5_000;

/**
 * Bots by id for the path of a turn, so that a busy bot is not read with each message. `forget` must be called after the
 * commit of every change made here.
 */
export interface BotCache {
  /** At once where the bot is remembered. Null where there is none; that is not remembered. */
  find(workspaceId: string, botId: string): Bot | Promise<Bot | null>;
  /** Without an id: every bot. */
  forget(botId?: string): void;
}

export const createBotCache = (bots: Pick<BotReader, 'find'>, clock: Clock): BotCache => {
  const cached = new BoundedCache<string, Bot>({ maxEntries: maxCached, ttlMs: freshMs, clock });
  let changes = 0;

  const read = async (workspaceId: string, botId: string): Promise<Bot | null> => {
    const before = changes;
    const bot = await bots.find(workspaceId, botId);
    // what was read before a change must not be remembered after it
    if (bot && before === changes) cached.set(botId, bot);
    return bot;
  };

  return {
    find(workspaceId, botId) {
      const known = cached.get(botId);
      return known?.workspaceId === workspaceId ? known : read(workspaceId, botId);
    },
    forget(botId) {
      changes += 1;
      if (botId === undefined) cached.clear();
      else cached.delete(botId);
    },
  };
};
