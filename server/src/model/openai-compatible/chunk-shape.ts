import { asList, asRecord, asText } from '../exchange/json.ts';

/** Any text that JSON writes as it is. */
const PROBE = 'probe';

/** Chunks in a row that fit no shape before the search is given up; some servers pad every chunk at random. */
const MAX_MISSES = 4;

/**
 * Reads the text of most chunks without parsing them, which is half of what a streamed reply costs. Chunks of one
 * stream mostly differ in their text alone. So once a chunk was parsed, what stands before and after its text is kept,
 * and a chunk that begins and ends with the same characters, and has neither a quote nor a backslash between, is the
 * same JSON with another text. That the two ends are those of `choices[0].delta.content`, in a chunk that says nothing
 * else, is tried out with a text of ours before they are used.
 */
export class ChunkShape {
  #before = '';
  #after = '';
  #misses = 0;

  /** The text, never empty; null where the chunk must be parsed. */
  read(data: string): string | null {
    if (!this.#fits(data)) return null;
    const text = data.slice(this.#before.length, data.length - this.#after.length);
    if (text.includes('"') || text.includes('\\')) return null;
    this.#misses = 0;
    return text;
  }

  /** Takes the shape of a chunk that `read` could not read and that was parsed to `value`. */
  learn(data: string, value: unknown): void {
    if (this.#misses >= MAX_MISSES || this.#fits(data)) return;
    const text = readTextAlone(value);
    if (text === null) return;
    this.#misses += 1;
    const at = data.indexOf(`"${text}"`, data.indexOf('"content"') + '"content"'.length) + 1;
    if (at === 0) return;
    const before = data.slice(0, at);
    const after = data.slice(at + text.length);
    if (readTextAlone(parse(before + PROBE + after)) !== PROBE) return;
    this.#before = before;
    this.#after = after;
  }

  /** Compares by slices: V8 compiles `startsWith` to a loop over characters, which is slower than parsing. */
  #fits(data: string): boolean {
    return (
      this.#before !== '' &&
      data.length > this.#before.length + this.#after.length &&
      data.slice(0, this.#before.length) === this.#before &&
      data.slice(-this.#after.length) === this.#after
    );
  }
}

const parse = (data: string): unknown => {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
};

/** The text of a chunk that carries nothing else which `Answer` would look at; else null. */
const readTextAlone = (value: unknown): string | null => {
  const record = asRecord(value);
  const choice = asRecord(asList(record?.choices)?.[0]);
  const delta = asRecord(choice?.delta);
  if (record === null || choice === null || delta === null) return null;
  if (record.error || record.object === 'error' || record.usage || record.x_groq) return null;
  if (choice.finish_reason || delta.refusal || (choice.index ?? 0) !== 0) return null;
  return asText(delta.content) || null;
};
