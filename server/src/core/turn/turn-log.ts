import type { Json } from '../json.ts';
import type { TurnWithReply } from './turn.ts';

/** What happens in a turn, in the words of core; `http/present/turn-event.ts` gives it its wire form. */
export type TurnEvent =
  | { type: 'queued' }
  | { type: 'started' }
  | { type: 'delta'; text: string }
  /** A piece of an ended turn whose text is not kept: nobody is told of it any more, and it has its number still. */
  | { type: 'untold' }
  | { type: 'tool_started' | 'tool_completed'; data: Json }
  /** The terminal event: one a turn, and always the last. */
  | { type: 'ended'; result: TurnWithReply };

/**
 * The live log of one attempt of a turn: numbered from 1, only ever added to. Whoever produces appends and never waits
 * for a reader; a reader keeps its own place and is told when there is more. Text is bounded by the model clients, and
 * with it the log.
 */
export class TurnLog {
  readonly turnId: string;
  readonly attempt: number;
  readonly events: TurnEvent[] = [];
  readonly #readers = new Set<() => void>();
  #abandoned = false;
  #held: TurnWithReply | null = null;

  constructor(turnId: string, attempt: number) {
    this.turnId = turnId;
    this.attempt = attempt;
  }

  /** The turn as it ended, or null while it goes on. */
  get result(): TurnWithReply | null {
    const last = this.events.at(-1);
    return last?.type === 'ended' ? last.result : null;
  }

  /** True once this process will add no more, although the turn has not ended: it goes on elsewhere. */
  get abandoned(): boolean {
    return this.#abandoned;
  }

  /**
   * The turn has ended without a reply and a person may still give one: its stream goes on, and whoever waits for the
   * turn alone gets it now.
   */
  hold(result: TurnWithReply): void {
    this.#held = result;
    this.#notify();
  }

  /** The turn has ended, and its stream goes on for a person. */
  get held(): boolean {
    return this.#held !== null;
  }

  get readerCount(): number {
    return this.#readers.size;
  }

  /** What comes behind the terminal event is dropped: two may end a turn at once, and one of them has ended it. */
  append(event: TurnEvent): void {
    if (this.result) return;
    this.events.push(event);
    this.#notify();
  }

  abandon(): void {
    this.#abandoned = true;
    this.#notify();
  }

  #notify(): void {
    for (const notify of this.#readers) notify();
  }

  /** Calls `notify` after each event until the returned function is called. */
  subscribe(notify: () => void): () => void {
    this.#readers.add(notify);
    return () => this.#readers.delete(notify);
  }

  /** Resolves with the turn once it has ended, or with null after `waitMs` or where it goes on elsewhere. */
  waitForEnd(waitMs: number): Promise<TurnWithReply | null> {
    const ended = this.result ?? this.#held;
    if (ended || this.#abandoned) return Promise.resolve(ended);
    return new Promise((resolve) => {
      const settle = (result: TurnWithReply | null): void => {
        unsubscribe();
        clearTimeout(timer);
        resolve(result);
      };
      const unsubscribe = this.subscribe(() => {
        const result = this.result ?? this.#held;
        if (result || this.#abandoned) settle(result);
      });
      const timer = setTimeout(settle, waitMs, null);
    });
  }
}
