const id = /"([a-z]+)_[0-7][0-9a-hjkmnp-tv-z]{25}"/g;
const keptPerPrefix = 30;

/** Collects the ids that a server has told, newest last, so that requests may name what exists. */
export class KnownIds {
  readonly #byPrefix = new Map<string, string[]>();
  readonly #never: ReadonlySet<string>;

  /** `never`: ids that must not be named, such as that of the key which the test itself uses. */
  constructor(never: readonly string[]) {
    this.#never = new Set(never);
  }

  note(text: string): void {
    for (const [quoted, prefix = ''] of text.matchAll(id)) {
      const found = quoted.slice(1, -1);
      if (this.#never.has(found)) continue;
      const ids = (this.#byPrefix.get(prefix) ?? []).filter((known) => known !== found);
      this.#byPrefix.set(prefix, [...ids, found].slice(-keptPerPrefix));
    }
  }

  of(prefix: string): readonly string[] {
    return this.#byPrefix.get(prefix) ?? [];
  }
}
