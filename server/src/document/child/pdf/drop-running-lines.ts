import type { PageText, TextLine } from './text-line.ts';

/** Shares of the height of a page in which heads and feet stand, and how many lines of it are looked at. */
const headShare = 0.12;
const footShare = 0.84;
const maxRunningLines = 4;
/** A number by itself below everything else counts pages, wherever the text ends. */
const lastLineShare = 0.7;
/** A line that stands at the same place of this share of the pages runs through the document. */
const runningShare = 0.5;
const minPages = 2;

const pageNumber =
  /^[\W_]*(?:page|seite|página|pagina|stranica|страница|გვერდი|p\.|s\.|стр\.?)?[\W_]*(?:\d{1,4}|[ivxl]{1,7})(?:\s*(?:\/|of|von|de|di|из|-)\s*\d{1,4})?[\W_]*$/i;

/** Drops page numbers, and the lines at the heads and feet of pages that say the same on most of them. */
export const dropRunningLines = (pages: readonly PageText[]): PageText[] => {
  const counted = new Map<string, number>();
  for (const page of pages) {
    for (const key of new Set(edgeLines(page).map((line) => keyOf(line, page)))) {
      counted.set(key, (counted.get(key) ?? 0) + 1);
    }
  }
  const needed = Math.max(minPages, Math.ceil(pages.length * runningShare));
  return pages.map((page) => {
    const edge = new Set(edgeLines(page));
    const last = page.lines.reduce<TextLine | null>((low, line) => (low && low.y >= line.y ? low : line), null);
    const isRunning = (line: TextLine): boolean =>
      (edge.has(line) && (pageNumber.test(line.text) || (counted.get(keyOf(line, page)) ?? 0) >= needed)) ||
      (line === last && line.y > page.height * lastLineShare && /^\d{1,4}$/.test(line.text));
    const kept = page.lines.filter((line) => !isRunning(line));
    return { ...page, lines: kept };
  });
};

const edgeLines = (page: PageText): TextLine[] => {
  const sorted = page.lines.toSorted((a, b) => a.y - b.y);
  const heads = sorted.slice(0, maxRunningLines).filter((line) => line.y < page.height * headShare);
  const feet = sorted.slice(-maxRunningLines).filter((line) => line.y > page.height * footShare);
  return [...heads, ...feet];
};

/** What it says but for its numbers, which count pages and chapters, and where. */
const keyOf = (line: TextLine, page: PageText): string =>
  `${line.y < page.height / 2 ? 'head' : 'foot'} ${line.text.replaceAll(/\d+/g, '#')}`;
