import type { Lease } from './turn.ts';
import type { TurnStore } from './turn-store.ts';

/** Text that a crash may cost at most, by time and by length. */
const keepEveryMs = 250;
const keepEveryCharacters = 2048;

/**
 * Stores the text of a running turn as it grows, so that a crash loses a quarter of a second of it. One write at a time;
 * a write that fails is made up by the next, or by the turn's end.
 */
export class PartialKeeper {
  readonly #turns: Pick<TurnStore, 'keepPartial'>;
  readonly #place: { workspaceId: string; turnId: string; fence: number };
  readonly #lease: Lease;
  /** The receipt of the attempt; stored with the first piece of text, so that no stored text is without one. */
  #receipt: () => string | null;
  /** The packed log, where readers of another process want it; null where nobody does. */
  readonly #log: () => string | null;
  #text = '';
  #kept = 0;
  #writing = false;
  /** True where what is being written is to be written once more. */
  #again = false;
  #timer: NodeJS.Timeout | null = null;
  #ended = false;

  constructor(options: {
    turns: Pick<TurnStore, 'keepPartial'>;
    place: { workspaceId: string; turnId: string; fence: number };
    lease: Lease;
    receipt: () => string | null;
    log: () => string | null;
  }) {
    this.#turns = options.turns;
    this.#place = options.place;
    this.#lease = options.lease;
    this.#receipt = options.receipt;
    this.#log = options.log;
  }

  add(text: string): void {
    this.#text += text;
    if (this.#text.length - this.#kept >= keepEveryCharacters) void this.#keep();
    else this.#timer ??= setTimeout(() => void this.#keep(), keepEveryMs);
  }

  /** Stores what there is although it was stored before: its log has found a reader elsewhere. */
  keepAgain(): void {
    if (this.#ended) return;
    if (this.#writing) {
      this.#again = true;
      return;
    }
    this.#kept = 0;
    void this.#keep();
  }

  /** No write is begun after this; one that is under way is fenced by the turn's end. */
  end(): void {
    this.#ended = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  async #keep(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const text = wholeCharacters(this.#text);
    if (this.#writing || this.#ended || text.length === this.#kept) return;
    this.#writing = true;
    const log = this.#log();
    try {
      await this.#turns.keepPartial({
        ...this.#place,
        text,
        receipt: this.#receipt(),
        ...(log === null ? {} : { log }),
        lease: this.#lease,
        at: Date.now(),
      });
      this.#receipt = () => null;
      this.#kept = text.length;
    } catch {
      // the next piece tries again, and the turn's end stores the whole
    } finally {
      this.#writing = false;
      if (this.#again) this.#kept = 0;
      this.#again = false;
      if (this.#text.length > this.#kept && !this.#ended)
        this.#timer ??= setTimeout(() => void this.#keep(), keepEveryMs);
    }
  }
}

/** A text that ends within a character outside the basic plane would come back from a database with another one there. */
const wholeCharacters = (text: string): string => {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd8_00 && last <= 0xdb_ff ? text.slice(0, -1) : text;
};
