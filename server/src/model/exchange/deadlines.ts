import type { ChatModelTimeouts } from '../../core/turn/chat-model.ts';

/** What a request is waiting for, and so which limit applies beside that on the whole. */
export type Phase =
  | 'connect'
  /** Of a streamed answer. */
  | 'first_token'
  /** For an answer that comes whole: only the limit on the whole. */
  | 'whole'
  /** The next piece. */
  | 'idle'
  /** After the reply's last word: usage and the end of the stream. */
  | 'finish';

/** The usage follows the last word at once or not at all; a server that then keeps the stream open is not waited for. */
const FINISH_MS = 1000;

/** Timers may fire this much before their time by the monotonic clock. */
const TIMER_SLACK_MS = 1;

/**
 * The time limits of one request, on one timer. It is set again only where a limit comes earlier than the one it is set
 * to; a later one is found when it fires. So a piece of the answer costs a look at the clock and no timer.
 */
export class Deadlines {
  readonly #timeouts: ChatModelTimeouts;
  readonly #startedAt = performance.now();
  #phase: Phase = 'whole';
  #since = this.#startedAt;
  #timer: NodeJS.Timeout | null = null;
  #firesAt = Number.POSITIVE_INFINITY;
  #expired: ((phase: Phase) => void) | null = null;

  constructor(timeouts: ChatModelTimeouts) {
    this.#timeouts = timeouts;
  }

  /** `expired` is called once, with the phase whose limit has passed. It replaces an earlier one. */
  watch(expired: (phase: Phase) => void): void {
    this.#expired = expired;
  }

  get phase(): Phase {
    return this.#phase;
  }

  enter(phase: Phase): void {
    this.#phase = phase;
    this.#since = performance.now();
    const dueAt = this.#dueAt();
    if (dueAt < this.#firesAt) this.#arm(dueAt);
  }

  /** A piece came: the limit on the phase counts from now. */
  touch(): void {
    this.#since = performance.now();
  }

  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#firesAt = Number.POSITIVE_INFINITY;
    this.#expired = null;
  }

  #dueAt(): number {
    return Math.min(this.#startedAt + this.#timeouts.totalMs, this.#phaseDueAt());
  }

  #phaseDueAt(): number {
    switch (this.#phase) {
      case 'connect':
        return this.#since + this.#timeouts.connectMs;
      case 'first_token':
        return this.#startedAt + this.#timeouts.firstTokenMs;
      case 'idle':
        return this.#since + this.#timeouts.idleMs;
      case 'finish':
        return this.#since + FINISH_MS;
      case 'whole':
        return Number.POSITIVE_INFINITY;
    }
  }

  #arm(dueAt: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#firesAt = dueAt;
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, dueAt - performance.now()));
  }

  #fire(): void {
    this.#timer = null;
    this.#firesAt = Number.POSITIVE_INFINITY;
    const dueAt = this.#dueAt();
    if (performance.now() < dueAt - TIMER_SLACK_MS) this.#arm(dueAt);
    else this.#expired?.(this.#phase);
  }
}
