import type { TextLine } from './text-line.ts';

/** Columns of text have lines of this many characters on average; what is narrower is a table or a list of names. */
const minColumnCharacters = 22;
const minColumnLines = 4;
/** In sizes of the font. */
const minGutter = 0.6;
const maxColumns = 6;
/** Of sizes: a heading to the text; in sizes of the font: the space around one. */
const minHeadingRatio = 1.15;
const headingSpace = 1.1;

/** A part of a page whose lines follow one another. */
export type Region = { lines: TextLine[] };

/**
 * The lines of a page in reading order, divided into regions: a column of text is one, and what runs across columns
 * divides those above from those below. A page without columns is one region, from top to bottom.
 */
export const orderLines = (lines: readonly TextLine[], depth = 0): Region[] => {
  const sorted = lines.toSorted((a, b) => a.y - b.y || a.left - b.left);
  const gutter = depth < maxColumns ? findGutter(sorted) : null;
  if (gutter === null) return sorted.length === 0 ? [] : [{ lines: sorted }];
  const isRightToLeft = sorted.filter((line) => line.isRightToLeft).length * 2 > sorted.length;
  const regions: Region[] = [];
  let band: TextLine[] = [];
  let across: TextLine[] = [];
  const endBand = (): void => {
    const left = band.filter((line) => sideOf(line, gutter) === 'left');
    const right = band.filter((line) => sideOf(line, gutter) === 'right');
    for (const side of isRightToLeft ? [right, left] : [left, right]) regions.push(...orderLines(side, depth + 1));
    band = [];
  };
  const endAcross = (): void => {
    if (across.length > 0) regions.push({ lines: across });
    across = [];
  };
  for (const line of sorted) {
    if (sideOf(line, gutter) === 'across' || headsBoth(line, sorted, gutter)) {
      endBand();
      across.push(line);
    } else {
      endAcross();
      band.push(line);
    }
  }
  endBand();
  endAcross();
  return regions;
};

/** A white stripe that goes down between two columns. */
type Gutter = { left: number; right: number };

/** What lies in the stripe belongs to neither side. */
const sideOf = (line: TextLine, gutter: Gutter): 'left' | 'right' | 'across' => {
  if (line.right <= gutter.left) return 'left';
  return line.left >= gutter.right ? 'right' : 'across';
};

/**
 * A heading of columns may be short and stand above the first of them alone: it heads both where the other is interrupted
 * beside it, and goes on below. In a column of its own there is text beside it.
 */
const headsBoth = (line: TextLine, lines: readonly TextLine[], gutter: Gutter): boolean => {
  if (line.size < medianSize(lines) * minHeadingRatio) return false;
  const side = sideOf(line, gutter);
  const others = lines.filter((other) => other !== line && sideOf(other, gutter) !== side);
  const beside = others.some((other) => Math.abs(other.y - line.y) < line.size * headingSpace);
  return !beside && others.some((other) => other.y < line.y) && others.some((other) => other.y > line.y);
};

/** The stripe between two columns of text that the fewest lines cross; null where there is none. */
const findGutter = (lines: readonly TextLine[]): Gutter | null => {
  if (lines.length < minColumnLines * 2) return null;
  const edges = new Set(lines.map((line) => Math.floor(line.left)));
  let best: { gutter: Gutter; crossing: number } | null = null;
  for (const right of [...edges].slice(0, maxEdges)) {
    const gutter = { left: right - minGutter * medianSize(lines), right };
    const sides = lines.map((line) => sideOf(line, gutter));
    const before = lines.filter((_, at) => sides[at] === 'left');
    const behind = lines.filter((_, at) => sides[at] === 'right');
    const crossing = lines.length - before.length - behind.length;
    if (crossing * 3 > lines.length || !isColumn(before) || !isColumn(behind) || !areBeside(before, behind)) continue;
    if (!best || crossing < best.crossing) best = { gutter, crossing };
  }
  return best?.gutter ?? null;
};

const medianSize = (lines: readonly TextLine[]): number =>
  lines.map((line) => line.size).toSorted((a, b) => a - b)[Math.floor(lines.length / 2)] ?? 0;

/** Left edges of lines that are tried; a page of text has a handful. */
const maxEdges = 300;

const isColumn = (lines: readonly TextLine[]): boolean =>
  lines.length >= minColumnLines &&
  lines.reduce((sum, line) => sum + line.text.length, 0) >= lines.length * minColumnCharacters;

/** Columns share a part of the height of the page. */
const areBeside = (left: readonly TextLine[], right: readonly TextLine[]): boolean => {
  const top = Math.max(left[0]?.y ?? 0, right[0]?.y ?? 0);
  const bottom = Math.min(left.at(-1)?.y ?? 0, right.at(-1)?.y ?? 0);
  return bottom > top;
};
