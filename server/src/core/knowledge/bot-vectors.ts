import type { Clock } from '../../kit/clock.ts';
import { dimensionsOfPacked } from '../../kit/vectors/quantise.ts';
import { blocksOf, blockBytes, type ScanResult } from '../../kit/vectors/vector-index.ts';
import type { VectorScanner } from '../../kit/vectors/vector-scanner.ts';
import type { BotPlace, VectorCandidates, VectorState } from './vector-candidates.ts';
import type { VectorReader, VectorSegment } from './vector-store.ts';

export type BotVectorsParts = {
  reader: Pick<VectorReader, 'has' | 'dimensions' | 'segments' | 'codes'>;
  scanner: VectorScanner;
  /** Under which vectors are kept. */
  model: string;
  /** What the scanner may take. */
  maxBytes: number;
  clock: Clock;
  onError: (error: unknown) => void;
};

/** Bots of which is known whether they have vectors, some 200 bytes each; those with none are most. */
const maxBots = 10_000;
/** Longest time in which vectors that another process added, and did not tell of, go unnoticed. */
const freshMs = 60_000;
/** Rows of one read: a megabyte or two on their way between threads. */
const rowsPerRead = 1_000;

type Loaded = {
  state: VectorState;
  /** Passages with a vector in memory, by segment. */
  segments: Map<string, number>;
  /** Of those in memory; vectors of another length are passed over. */
  dimensions: number;
  /** Of what is in memory, in all. */
  count: number;
  checkedAt: number;
  stale: boolean;
  loading: Promise<void> | null;
};

/**
 * The vectors of the bots that are being asked, in memory. A bot's are read at its first question and then kept up by the
 * segments that have come and gone; what is there serves until that is done. Where memory is short, those of the bot that
 * was not asked for the longest go.
 */
export class BotVectors implements VectorCandidates {
  readonly #parts: BotVectorsParts;
  /** In the order of their use. */
  readonly #bots = new Map<string, Loaded>();
  #turn: Promise<void> = Promise.resolve();

  constructor(parts: BotVectorsParts) {
    this.#parts = parts;
  }

  /**
   * Whether a bot has vectors that can be searched now. Costs one look-up where the bot is not known yet, nothing
   * otherwise; loading goes on beside.
   */
  async state(workspaceId: string, botId: string): Promise<VectorState> {
    const { reader, model, clock } = this.#parts;
    let bot = this.#bots.get(botId);
    if (bot) {
      this.#bots.delete(botId);
      this.#bots.set(botId, bot);
      const due = bot.stale || clock() - bot.checkedAt > freshMs;
      if (!due || bot.loading) return bot.state;
    }
    const has = await reader.has({ workspaceId, botId, model });
    bot = this.#bots.get(botId) ?? this.#addBot(botId);
    bot.stale = false;
    bot.checkedAt = clock();
    if (!has && bot.segments.size === 0) bot.state = 'none';
    else if (bot.loading === null) {
      if (bot.state === 'none') bot.state = 'loading';
      this.#load(workspaceId, botId, bot);
    }
    return bot.state;
  }

  /** Settles once what is being loaded of a bot is there; at once where nothing is. */
  async loaded(botId: string): Promise<void> {
    await this.#bots.get(botId)?.loading;
  }

  /** Null where nothing is there, or the vectors are of another length. Throws where the thread cannot be asked. */
  search({ botId }: Pick<BotPlace, 'botId'>, query: Float32Array, limit: number): Promise<ScanResult | null> {
    return this.#parts.scanner.search(botId, query, limit);
  }

  /** To be called when vectors or passages of a bot have changed; without an id: of any. */
  forget(botId?: string): void {
    for (const [id, bot] of this.#bots) if (botId === undefined || id === botId) bot.stale = true;
  }

  /** Gives back the memory of a bot that is searched elsewhere from now on. */
  release(botId: string): void {
    const bot = this.#bots.get(botId);
    // what is being loaded would come into memory behind it
    void Promise.resolve(bot?.loading)
      .then(() => (this.#bots.get(botId) === bot ? this.#drop(botId) : undefined))
      .catch(this.#parts.onError);
  }

  /** To be called when the scanner has lost what it held. */
  lost(): void {
    this.#bots.clear();
  }

  #addBot(botId: string): Loaded {
    const bot: Loaded = {
      state: 'none',
      segments: new Map(),
      dimensions: 0,
      count: 0,
      checkedAt: 0,
      stale: false,
      loading: null,
    };
    this.#bots.set(botId, bot);
    if (this.#bots.size > maxBots) {
      const [oldest] = this.#bots.keys();
      if (oldest !== undefined) this.release(oldest);
    }
    return bot;
  }

  /** One bot after the other: a load is bounded by the store and the thread, and two would only be half as fast. */
  #load(workspaceId: string, botId: string, bot: Loaded): void {
    bot.loading = this.#turn
      .then(() => this.#bringUp(workspaceId, botId, bot))
      .catch((error: unknown) => {
        bot.stale = true;
        this.#parts.onError(error);
      })
      .finally(() => {
        bot.loading = null;
      });
    this.#turn = bot.loading;
  }

  async #bringUp(workspaceId: string, botId: string, bot: Loaded): Promise<void> {
    const { reader, scanner, model } = this.#parts;
    const scope = { workspaceId, botId, model };
    const segments = await reader.segments(workspaceId, botId);
    const dimensions = (await reader.dimensions(scope)) ?? bot.dimensions;
    if (bot.count > 0 && dimensions !== bot.dimensions) await this.#empty(botId, bot);
    bot.dimensions = dimensions;
    const passages = segments.reduce((sum, segment) => sum + segment.passages, 0);
    const wanted = new Map(segments.map((segment) => [keyOf(segment), segment]));
    // what was given up while it was being loaded may have left something behind
    if (bot.segments.size === 0) await scanner.remove(botId);
    for (const [key, count] of bot.segments) {
      const segment = wanted.get(key);
      if (segment && count >= segment.passages) {
        wanted.delete(key);
        continue;
      }
      await scanner.removeGroup(botId, key);
      bot.segments.delete(key);
      bot.count -= count;
    }
    for (const [key, segment] of wanted) {
      for (let after = -1; ;) {
        const rows = await reader.codes(scope, segment, { after, limit: rowsPerRead });
        // given up meanwhile, for room or with the thread: nobody would count what comes into memory for it now
        if (this.#bots.get(botId) !== bot) return this.#empty(botId, bot);
        const alike = rows.filter(({ code }) => dimensionsOfPacked(code.length) === dimensions);
        if (alike.length > 0 && !(await this.#add(botId, bot, { key, rows: alike, passages }))) return;
        after = rows.at(-1)?.position ?? after;
        if (rows.length < rowsPerRead) break;
      }
    }
    bot.state = bot.count === 0 ? 'none' : 'ready';
  }

  /** False where they do not fit: then nothing of the bot stays in memory. */
  async #add(
    botId: string,
    bot: Loaded,
    { key, rows, passages }: { key: string; rows: { position: number; code: Uint8Array }[]; passages: number },
  ): Promise<boolean> {
    const packed = rows.map(({ position, code }) => ({ position, packed: code }));
    const neededBytes = blocksOf(passages, bot.dimensions) * blockBytes;
    const fits = neededBytes <= this.#parts.maxBytes;
    if (fits) await this.#makeRoom(botId, neededBytes);
    if (!fits || !(await this.#parts.scanner.add(botId, key, packed))) {
      await this.#empty(botId, bot);
      bot.state = 'too_large';
      return false;
    }
    bot.count += rows.length;
    bot.segments.set(key, (bot.segments.get(key) ?? 0) + rows.length);
    return true;
  }

  async #makeRoom(botId: string, neededBytes: number): Promise<void> {
    const taken = (): number =>
      [...this.#bots].reduce((sum, [id, bot]) => (id === botId ? sum : sum + bytesOf(bot)), 0);
    for (const [id, bot] of this.#bots) {
      if (taken() + neededBytes <= this.#parts.maxBytes) return;
      if (id === botId || bot.count === 0) continue;
      await this.#drop(id);
    }
  }

  async #drop(botId: string): Promise<void> {
    const bot = this.#bots.get(botId);
    this.#bots.delete(botId);
    if (bot) await this.#empty(botId, bot);
  }

  async #empty(botId: string, bot: Loaded): Promise<void> {
    bot.segments.clear();
    bot.count = 0;
    await this.#parts.scanner.remove(botId);
  }
}

const bytesOf = ({ count, dimensions }: Loaded): number => (count === 0 ? 0 : blocksOf(count, dimensions) * blockBytes);

/** How hits name the page that they stand in, as `add-vector-hits.ts` reads it. */
const keyOf = ({ sourceId, version }: VectorSegment): string => `${sourceId} ${version}`;
