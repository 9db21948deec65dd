import { normalForm } from '../../../core/knowledge/normal-form.ts';
import type { Fonts } from './read-fonts.ts';
import type { TextRun } from './text-line.ts';

/** What is used of an item of text as pdf.js gives it. */
export type TextItem = { str: string; dir: string; transform: number[]; width: number; fontName: string };

type Matrix = readonly number[];

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const controls = /[\u0000-\u001f]/;

/**
 * True where the text cannot be read without a look at its font, which costs the drawing of a page, and much memory where
 * that is a map. No text has control characters: they are numbers of glyphs, and the first 32 of a font are its blank, its
 * full stop and its figures.
 */
export const asksForFont = ({ str, dir }: TextItem): boolean => dir === 'rtl' || controls.test(str);

/** Text that runs at an angle is a stamp or a margin note. */
const maxSlope = 0.1;

/** Forms of letters that say how they are drawn: what they are is what is searched for. */
const drawnForms = /[\ufb00-\ufb06\ufb1d-\ufdff\ufe70-\ufefc]/g;

/** Runs with their place on the page as it is looked at, whichever way it is turned. */
export const readRuns = (items: readonly TextItem[], view: Matrix, fonts: Fonts): TextRun[] =>
  items.flatMap((item) => {
    const font = fonts.find(item.fontName);
    const upright = item.dir === 'rtl' ? uprightClusters(item.str, font?.clusters ?? []) : item.str;
    const text = font && font.silent.size > 0 ? withoutCharacters(upright, font.silent) : upright;
    if (text.trim() === '') return [];
    const [a = 1, b = 0, c = 0, d = 1, x = 0, y = 0] = multiply(view, item.transform);
    const size = Math.hypot(c, d);
    if (Math.abs(b) > Math.abs(a) * maxSlope || size === 0) return [];
    const width = item.width * Math.hypot(view[0] ?? 1, view[1] ?? 0);
    return [
      {
        text: text.replaceAll(drawnForms, (form) => normalForm(form, 'NFKC')),
        left: x,
        right: x + width,
        y,
        size,
        font: item.fontName,
        isRightToLeft: item.dir === 'rtl',
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

const withoutCharacters = (text: string, characters: ReadonlySet<string>): string =>
  Array.from(text)
    .filter((character) => !characters.has(character))
    .join('');
