import type { PageText, TextLine } from './text-line.ts';

export type FontSizes = {
  /** 0 for a line that is no heading. */
  levelOf(line: TextLine): number;
};

/** A heading is this much larger than the text of most of the document, and no longer than this. */
const minHeadingRatio = 1.15;
const maxHeadingCharacters = 200;
const maxLevels = 4;

/** Tells headings by the sizes that a document uses: the largest is the first level. */
export const fontSizes = (pages: readonly PageText[]): FontSizes => {
  const characters = new Map<number, number>();
  for (const page of pages) {
    for (const line of page.lines) {
      const size = rounded(line.size);
      characters.set(size, (characters.get(size) ?? 0) + line.text.length);
    }
  }
  const body = [...characters].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
  const larger = [...characters.keys()].filter((size) => size >= body * minHeadingRatio).toSorted((a, b) => b - a);
  return {
    levelOf(line) {
      const at = larger.indexOf(rounded(line.size));
      if (at < 0 || line.text.length > maxHeadingCharacters || !/\p{L}/u.test(line.text)) return 0;
      return Math.min(at + 1, maxLevels);
    },
  };
};

/** Sizes that are meant to be the same differ a little. */
const rounded = (size: number): number => Math.round(size * 2) / 2;
