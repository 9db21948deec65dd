import type { Principal } from '../core/access/principal.ts';
import type { Turn } from '../core/turn/turn.ts';
import type { TurnLog } from '../core/turn/turn-log.ts';
import { presentTurnEvent } from './present/turn-event.ts';
import { eventIdOf, type StreamPlace } from './stream-place.ts';

/** A reader's place in a turn's log, and what comes next for them as the text of an event stream. */
export class LogCursor {
  readonly #principal: Principal;
  readonly #turn: Turn;
  #log: TurnLog;
  /** The index of the next event. */
  #next: number;
  /** What is told before it. */
  #pending: string;

  /** `after`: what the reader has seen; null for nothing. Text of an attempt that was replaced is taken back first. */
  constructor(reader: { principal: Principal; turn: Turn }, log: TurnLog, after: StreamPlace | null) {
    this.#principal = reader.principal;
    this.#turn = reader.turn;
    this.#log = log;
    this.#next = after?.attempt === log.attempt ? after.n : 0;
    const sawAnother = after !== null && after.attempt < log.attempt && after.n > 0;
    this.#pending = sawAnother ? resetFrame(log) : '';
  }

  get log(): TurnLog {
    return this.#log;
  }

  /** True where the log has nothing more so far; one that follows another process may be behind what the reader has seen. */
  get isTold(): boolean {
    return this.#next >= this.#log.events.length;
  }

  /** A terminal event is sent again to whoever has seen it. */
  repeatEnd(): void {
    this.#next = Math.min(this.#next, this.#log.events.length - 1);
  }

  /** The next events as text, until it has about so many characters, and whether a piece of the reply is among them. */
  take(characters: number): { text: string; hasPiece: boolean } {
    const { attempt, events } = this.#log;
    let text = this.#pending;
    let hasPiece = false;
    this.#pending = '';
    for (; this.#next < events.length && text.length < characters; this.#next++) {
      const event = events[this.#next]!;
      if (event.type === 'untold') continue;
      const { name, data } = presentTurnEvent(this.#principal, this.#turn, event);
      text += frame(eventIdOf({ attempt, n: this.#next + 1 }), name, data);
      hasPiece ||= event.type === 'delta';
    }
    return { text: text.replace(lineSeparators, (sign) => escapes[sign] ?? sign), hasPiece };
  }

  /** Goes on in the log that follows this one, mostly of another attempt: that is told from its beginning. */
  moveTo(log: TurnLog): void {
    if (log.attempt !== this.#log.attempt) {
      this.#pending = this.#next > 0 ? resetFrame(log) : '';
      this.#next = 0;
    }
    this.#log = log;
  }
}

/**
 * Signs that JSON takes as they are, and that no event stream ends a line with, but many a language's own splitting into
 * lines does: Python's `splitlines`, the dot of a regular expression.
 */
const lineSeparators = /[\u0085\u2028\u2029]/g;
const escapes: Readonly<Record<string, string>> = {
  '\u0085': '\\u0085',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** `data` is JSON. */
const frame = (id: string, name: string, data: string): string => `id: ${id}\nevent: ${name}\ndata: ${data}\n\n`;

const resetFrame = ({ attempt }: TurnLog): string => frame(eventIdOf({ attempt, n: 0 }), 'reply.reset', '{}');
