import type { TextRun } from './text-line.ts';

/** What is used of an item of text as pdf.js gives it. */
export type TextItem = { str: string; dir: string; transform: number[]; width: number; fontName: string };

type Matrix = readonly number[];

/** Text that runs at an angle is a stamp or a margin note. */
const maxSlope = 0.1;

/** Forms of letters that say how they are drawn: what they are is what is searched for. */
const drawnForms = /[\ufb00-\ufb06\ufb1d-\ufdff\ufe70-\ufefc]/g;

/** Runs with their place on the page as it is looked at, whichever way it is turned. */
export const readRuns = (items: readonly TextItem[], view: Matrix, clusters: readonly string[]): TextRun[] =>
  items.flatMap((item) => {
    if (item.str.trim() === '') return [];
    const [a = 1, b = 0, c = 0, d = 1, x = 0, y = 0] = multiply(view, item.transform);
    const size = Math.hypot(c, d);
    if (Math.abs(b) > Math.abs(a) * maxSlope || size === 0) return [];
    const width = item.width * Math.hypot(view[0] ?? 1, view[1] ?? 0);
    const isRightToLeft = item.dir === 'rtl';
    const text = isRightToLeft ? uprightClusters(item.str, clusters) : item.str;
    return [
      {
        text: text.replaceAll(drawnForms, (form) => form.normalize('NFKC')),
        left: x,
        right: x + width,
        y,
        size,
        font: item.fontName,
        isRightToLeft,
      },
    ];
  });

const multiply = (first: Matrix, second: Matrix): number[] => {
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = first;
  const [g = 1, h = 0, i = 0, j = 1, k = 0, l = 0] = second;
  return [a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f];
};

/**
 * Some programs give a whole word as the text of one glyph, in its logical order; pdf.js takes every character for a glyph
 * in the order in which they are drawn, and turns the word around.
 */
const uprightClusters = (text: string, clusters: readonly string[]): string =>
  clusters.reduce((whole, cluster) => whole.replaceAll(cluster.split('').toReversed().join(''), cluster), text);
