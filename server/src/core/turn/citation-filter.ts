/** `[1]` or `[1, 2]`, with the blanks before it, which belong to the mark. */
const markPattern = /[ \t]*\[(\d{1,2}(?:[ ]*,[ ]*\d{1,2})*)\]/g;

/** The end of a piece that may yet become a mark: blanks, or an opened bracket with nothing but numbers in it. */
const unfinishedPattern = /[ \t]*\[[\d, ]{0,24}$|[ \t]+$/;

/**
 * Reads the citation marks out of a model's text while it streams. Marks that name no passage are text like any other.
 * Where the bot wants citations apart from the text the marks are taken out, and the end of a piece is held back as long
 * as it may be the beginning of one.
 */
export class CitationFilter {
  /** Numbers of the passages that were cited, in the order of their first mark. */
  readonly cited = new Set<number>();
  readonly #passages: number;
  readonly #keepMarks: boolean;
  #held = '';

  constructor(options: { passages: number; keepMarks: boolean }) {
    this.#passages = options.passages;
    this.#keepMarks = options.keepMarks;
  }

  /** Takes a piece of text and gives what may be shown now; may be empty. */
  push(text: string): string {
    if (this.#passages === 0) return text;
    const all = this.#held + text;
    const heldFrom = all.search(unfinishedPattern);
    this.#held = heldFrom < 0 ? '' : all.slice(heldFrom);
    return this.#readMarks(heldFrom < 0 ? all : all.slice(0, heldFrom));
  }

  /** What was still held back when the text ended. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return this.#readMarks(rest);
  }

  #readMarks(text: string): string {
    if (!text.includes('[')) return text;
    return text.replace(markPattern, (mark, list: string) => {
      const numbers = list.split(',').map(Number);
      if (!numbers.every((number) => number >= 1 && number <= this.#passages)) return mark;
      for (const number of numbers) this.cited.add(number);
      return this.#keepMarks ? mark : '';
    });
  }
}
