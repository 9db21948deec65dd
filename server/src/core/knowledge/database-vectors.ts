import type { Clock } from '../../kit/clock.ts';
import type { ScanResult } from '../../kit/vectors/vector-index.ts';
import type { BotVectors } from './bot-vectors.ts';
import type { BotPlace, VectorCandidates, VectorState } from './vector-candidates.ts';
import type { VectorDatabase, VectorWay } from './vector-database.ts';

export type DatabaseVectorsParts = {
  database: VectorDatabase;
  /** For bots whose vectors the database does not search. */
  memory: Pick<BotVectors, 'state' | 'loaded' | 'search' | 'forget' | 'release'>;
  model: string;
  clock: Clock;
  onError: (error: unknown) => void;
};

/** Bots of which is remembered how they are searched, some 100 bytes each. */
const maxBots = 10_000;
/** Longest time for which that is believed. */
const freshMs = 60_000;
const longAgo = Number.NEGATIVE_INFINITY;

type Known = { way: Promise<VectorWay | null>; checkedAt: number; renewing: boolean };

/** The vectors of bots where the database searches them, and in memory where it does not. */
export class DatabaseVectors implements VectorCandidates {
  readonly #parts: DatabaseVectorsParts;
  /** In the order in which they were looked at. */
  readonly #bots = new Map<string, Known>();

  constructor(parts: DatabaseVectorsParts) {
    this.#parts = parts;
  }

  /** What is in the database is ready at once. */
  async state(workspaceId: string, botId: string): Promise<VectorState> {
    const way = await this.#wayFor(workspaceId, botId);
    return way === null ? this.#parts.memory.state(workspaceId, botId) : 'ready';
  }

  async loaded(botId: string): Promise<void> {
    const way = await this.#bots.get(botId)?.way;
    if (way === undefined || way === null) await this.#parts.memory.loaded(botId);
  }

  async search(bot: BotPlace, query: Float32Array, limit: number): Promise<ScanResult | null> {
    const { database, memory, model } = this.#parts;
    const way = await this.#wayFor(bot.workspaceId, bot.botId);
    if (way === null) return memory.search(bot, query, limit);
    try {
      return await database.nearest({ ...bot, model }, query, { way, limit });
    } catch (error) {
      // whatever it was, the next question looks again
      this.#bots.delete(bot.botId);
      throw error;
    }
  }

  /** To be called when vectors or passages of a bot have changed; without an id: of any. */
  forget(botId?: string): void {
    for (const [id, known] of this.#bots) if (botId === undefined || id === botId) known.checkedAt = longAgo;
    this.#parts.memory.forget(botId);
  }

  /** What was found serves until it is looked at again, which goes on beside: it counts all vectors of the bot. */
  #wayFor(workspaceId: string, botId: string): Promise<VectorWay | null> {
    const known = this.#bots.get(botId);
    const now = this.#parts.clock();
    if (!known) {
      const way = this.#look(workspaceId, botId).catch((error: unknown) => {
        this.#parts.onError(error);
        return null;
      });
      return this.#remember(botId, { way, checkedAt: now, renewing: false });
    }
    if (!known.renewing && now - known.checkedAt > freshMs) {
      known.renewing = true;
      known.checkedAt = now;
      void this.#renew(workspaceId, botId, known);
    }
    return known.way;
  }

  /** Where the database does not say, it stays as it was: a server that brought all vectors into memory now would add to its trouble. */
  async #renew(workspaceId: string, botId: string, known: Known): Promise<void> {
    try {
      const way = await this.#look(workspaceId, botId);
      // what has changed meanwhile is looked at once more
      void this.#remember(botId, { ...known, way: Promise.resolve(way), renewing: false });
    } catch (error) {
      known.renewing = false;
      this.#parts.onError(error);
    }
  }

  #remember(botId: string, known: Known): Promise<VectorWay | null> {
    this.#bots.delete(botId);
    this.#bots.set(botId, known);
    if (this.#bots.size > maxBots) {
      const [oldest] = this.#bots.keys();
      if (oldest !== undefined) this.#bots.delete(oldest);
    }
    return known.way;
  }

  async #look(workspaceId: string, botId: string): Promise<VectorWay | null> {
    const { database, memory, model } = this.#parts;
    const way = await database.wayFor({ workspaceId, botId, model });
    if (way !== null) memory.release(botId);
    return way;
  }
}
