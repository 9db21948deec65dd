import { isMostlyRightToLeft, type TextLine, type TextRun } from './text-line.ts';

/** In sizes of the font: how far base lines of one line may lie apart (raised figures), and how wide a space is at least. */
const sameLine = 0.55;
const spaceWidth = 0.12;
/** A wider gap divides columns, of text or of a table; justified text stays below. */
const columnGap = 1.6;

/**
 * Joins runs into lines, in the order in which the page draws them: programs draw one column after the other, and lines
 * from top to bottom. A run that starts a new base line, or lies far off, starts a new line.
 */
export const buildLines = (runs: readonly TextRun[]): TextLine[] => {
  const lines: TextRun[][] = [];
  for (const run of runs) {
    const line = lines.at(-1);
    if (line && belongsTo(line, run)) line.push(run);
    else lines.push([run]);
  }
  return lines.map(toLine).filter((line) => line.text !== '');
};

const belongsTo = (line: readonly TextRun[], run: TextRun): boolean => {
  const largest = Math.max(run.size, ...line.slice(-8).map((other) => other.size));
  const last = line.at(-1);
  if (!last || Math.abs(last.y - run.y) > largest * sameLine) return false;
  const left = Math.min(...line.slice(-8).map((other) => other.left));
  const right = Math.max(...line.slice(-8).map((other) => other.right));
  const gap = Math.max(run.left - right, left - run.right, 0);
  // what goes back to the start of the line is a new one, unless it is written from right to left
  const goesBack =
    run.right < last.left && !run.isRightToLeft && !last.isRightToLeft && last.left - run.right > largest;
  return gap <= largest * columnGap && !goesBack;
};

export const toLine = (runs: TextRun[]): TextLine => {
  const isRightToLeft = isMostlyRightToLeft(runs.map((run) => run.text).join(''));
  const main = mainRun(runs);
  return {
    runs,
    text: (isRightToLeft ? joinRightToLeft(runs) : joinLeftToRight(runs)).trim(),
    left: Math.min(...runs.map((run) => run.left)),
    right: Math.max(...runs.map((run) => run.right)),
    y: main.y,
    size: main.size,
    font: main.font,
    isRightToLeft,
  };
};

const mainRun = (runs: readonly TextRun[]): TextRun =>
  runs.reduce((best, run) => (run.text.length > best.text.length ? run : best));

const joinLeftToRight = (runs: readonly TextRun[]): string => {
  const ordered = runs.toSorted((a, b) => a.left - b.left);
  return joinRuns(ordered, (before, run) => run.left - before.right);
};

/** From the right; what is written from left to right within it keeps its own order. */
const joinRightToLeft = (runs: readonly TextRun[]): string => {
  const ordered: TextRun[] = [];
  let leftToRight: TextRun[] = [];
  for (const run of runs.toSorted((a, b) => b.right - a.right)) {
    if (isEmbedded(run)) leftToRight.unshift(run);
    else {
      ordered.push(...leftToRight, run);
      leftToRight = [];
    }
  }
  ordered.push(...leftToRight);
  return joinRuns(ordered, (before, run) => Math.max(before.left - run.right, run.left - before.right));
};

const isEmbedded = (run: TextRun): boolean => !run.isRightToLeft && /[\p{L}\p{N}]/u.test(run.text);

const joinRuns = (runs: readonly TextRun[], gap: (before: TextRun, run: TextRun) => number): string => {
  let text = '';
  let before: TextRun | undefined;
  for (const run of runs) {
    if (before && gap(before, run) > Math.max(before.size, run.size) * spaceWidth) text += ' ';
    text += before ? raised(before, run, text) : run.text;
    before = run;
  }
  return text.replaceAll(/\s+/g, ' ');
};

const raisedFigures = '⁰¹²³⁴⁵⁶⁷⁸⁹';
/** In sizes of the font beside it. */
const smallSize = 0.8;
const raisedBy = 0.15;

/** A small raised figure is a power, or the number of a note; behind a number the latter, which would make it another. */
const raised = (before: TextRun, run: TextRun, text: string): string => {
  const isRaised = run.size < before.size * smallSize && before.y - run.y > before.size * raisedBy;
  if (!isRaised || !/^\d+$/.test(run.text)) return run.text;
  return /\d$/.test(text) ? '' : run.text.replaceAll(/\d/g, (figure) => raisedFigures[Number(figure)] ?? '');
};
