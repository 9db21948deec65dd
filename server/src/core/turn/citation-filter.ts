import { type CitationMarks, readCitationMarks } from './citation-marks.ts';

/** Where marks, or code, may begin. */
const places = /[ \t([【`\n]/g;
/** In code nothing is a mark: `list[1]` is not. */
const placesInCode = /[`\n]/g;

/** More begin no code that anybody writes, and would be held back for long. */
const maxTicks = 64;

/** Behind these a sign that followed a mark has nothing left to end. */
const signs = /[.,;:!?…。！？]/;
/** Behind these a text begins. */
const openings = /[\n([{]/;
/** Before these no blank is wanted. */
const closings = /[\s)\]}.,;:!?…"'”’»]/;

/**
 * Reads the citation marks out of a model's text while it streams. Where the bot wants citations apart from the text all
 * marks are taken out, also those that name no passage, with the blanks and signs that they would leave behind. The end
 * of a piece is held back as long as it may be part of some, so that a text gives the same however it is divided.
 */
export class CitationFilter {
  /** Numbers of the passages that were cited, in the order of their first mark. */
  readonly cited = new Set<number>();
  readonly #passages: number;
  readonly #keepMarks: boolean;
  #held = '';
  /** The last character that was shown; empty before the first. */
  #last = '';
  /** The ticks that began the code that the text is in; empty outside of code. */
  #fence = '';

  constructor(options: { passages: number; keepMarks: boolean }) {
    this.#passages = options.passages;
    this.#keepMarks = options.keepMarks;
  }

  /** Takes a piece of text and gives what may be shown now; may be empty. */
  push(text: string): string {
    return this.#read(this.#held + text, false);
  }

  /** What was still held back when the text ended. */
  end(): string {
    return this.#read(this.#held, true);
  }

  #read(text: string, whole: boolean): string {
    // joined at the end: to look at the end of a string that grows costs its length each time
    const shown: string[] = [];
    const show = (piece: string): void => {
      if (piece !== '') shown.push(piece);
    };
    let at = 0;
    while (at < text.length) {
      const place = nextPlace(text, at, this.#fence !== '');
      show(text.slice(at, place));
      at = place;
      if (at === text.length) break;
      if (text[at] === '`' || text[at] === '\n') {
        const ticks = ticksAt(text, at);
        if (!whole && ticks !== '' && ticks.length < maxTicks && at + ticks.length === text.length) break;
        this.#passCode(ticks);
        show(ticks || '\n');
        at += ticks.length || 1;
        continue;
      }
      const marks = readCitationMarks(text, at, whole);
      if (marks === 'unfinished') break;
      if (marks === null) {
        show(text[at] ?? '');
        at += 1;
        continue;
      }
      this.#cite(marks);
      const last = shown.at(-1)?.at(-1) ?? this.#last;
      show(this.#keepMarks ? text.slice(at, marks.end) : remainsOf(marks, { last, next: text[marks.end] }));
      at = marks.end;
    }
    this.#held = text.slice(at);
    this.#last = shown.at(-1)?.at(-1) ?? this.#last;
    return shown.join('');
  }

  /** Ticks, or the end of a line, where they are empty: a single tick that nobody closes is none there. */
  #passCode(ticks: string): void {
    if (this.#fence === '') this.#fence = ticks;
    else if (ticks === '' ? this.#fence.length < 3 : ticks === this.#fence) this.#fence = '';
  }

  #cite({ numbers }: CitationMarks): void {
    for (const number of numbers) if (number >= 1 && number <= this.#passages) this.cited.add(number);
  }
}

const nextPlace = (text: string, from: number, inCode: boolean): number => {
  const pattern = inCode ? placesInCode : places;
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
};

const ticksAt = (text: string, start: number): string => {
  let end = start;
  while (end - start < maxTicks && text[end] === '`') end++;
  return text.slice(start, end);
};

/** What is left of marks with the blanks and the sign around them, between two characters. */
const remainsOf = (
  { before, after, sign, behind }: CitationMarks,
  { last, next }: { last: string; next: string | undefined },
): string => {
  if (last === '' || openings.test(last)) return '';
  if (sign !== '') return signs.test(last) ? behind : sign + behind;
  if (next === undefined) return '';
  return after !== '' || closings.test(next) ? after : before;
};
