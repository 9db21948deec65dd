/** How models that show their thinking in the text itself mark it. */
const marks: readonly (readonly [open: string, close: string])[] = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['<thought>', '</thought>'],
  ['<reasoning>', '</reasoning>'],
  ['[THINK]', '[/THINK]'],
];

/** White space before the first word that is held back while a mark may still follow. */
const MAX_LEADING_SPACE = 1024;

/**
 * Takes marked thinking away from the start of a reply, whose pieces may be cut anywhere. Only the start: later in the
 * text the same mark is something the model talks about. Thinking that never ends leaves an empty reply.
 */
export class ThinkFilter {
  #state: 'start' | 'thinking' | 'text' = 'start';
  #held = '';
  #close = '';
  #thought = false;

  /** The part of the reply that is known to be no thinking; may be empty. */
  push(piece: string): string {
    if (this.#state === 'text') return piece;
    this.#held += piece;
    // Several blocks may follow each other; each turn of the loop takes one mark away from `#held`.
    for (;;) {
      if (this.#state === 'thinking' && !this.#leaveThinking()) return '';
      const decided = this.#decide();
      if (decided !== null) return decided;
    }
  }

  /** What was held back when the reply ended. */
  end(): string {
    const rest = this.#state === 'start' ? this.#held : '';
    this.#held = '';
    this.#state = 'text';
    return rest;
  }

  /** False while the closing mark has not come. */
  #leaveThinking(): boolean {
    const at = this.#held.indexOf(this.#close);
    if (at < 0) {
      // Only as much is kept as may be the beginning of the mark.
      this.#held = this.#held.slice(-(this.#close.length - 1));
      return false;
    }
    this.#held = this.#held.slice(at + this.#close.length);
    this.#state = 'start';
    this.#thought = true;
    return true;
  }

  /** The text to hand on; empty while undecided; null where thinking begins. */
  #decide(): string | null {
    const start = this.#held.trimStart();
    // White space between the thinking and the reply belongs to neither.
    if (this.#thought) this.#held = start;
    for (const [open, close] of marks) {
      if (!start.startsWith(open)) continue;
      this.#held = start.slice(open.length);
      this.#close = close;
      this.#state = 'thinking';
      return null;
    }
    const undecided = this.#held.length <= MAX_LEADING_SPACE && marks.some(([open]) => open.startsWith(start));
    if (undecided) return '';
    const text = this.#held;
    this.#held = '';
    this.#state = 'text';
    return text;
  }
}
