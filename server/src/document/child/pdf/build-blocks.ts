import type { BlockList } from '../block-list.ts';
import { findTables } from './find-tables.ts';
import { fontSizes, type FontSizes } from './font-sizes.ts';
import { collectWords, joinLines, type Vocabulary } from './join-lines.ts';
import { orderLines } from './order-lines.ts';
import type { PageText, TextLine } from './text-line.ts';

type Part =
  | { kind: 'text'; level: number; text: string; page: number; continues: boolean; ends: boolean }
  | { kind: 'table'; header: string[]; rows: string[][]; page: number };

/** In sizes of the font. */
const paragraphGap = 1.75;
const indent = 0.6;
const shortLine = 1.5;

const bullet = /^[•◦▪‣●○■□–—*-]\s+/u;
const numbered = /^(?:\d{1,3}|[a-z])[.)]\s+/i;
const sentenceEnd = /[.!?…:;。！？؟۔]["'”’)\]]*$/u;

/** Puts the lines of all pages together: headings by the size of their font, paragraphs, lists and tables. */
export const buildBlocks = (pages: readonly PageText[], list: BlockList): void => {
  const sizes = fontSizes(pages);
  const words = collectWords(lineTexts(pages));
  const parts: Part[] = [];
  for (const page of pages) {
    for (const region of orderLines(page.lines)) addRegion(region.lines, { page: page.page, sizes, words, parts });
  }
  for (const part of demote(parts)) {
    const place = { page: part.page, anchor: null };
    if (part.kind === 'table') list.table(part.header, part.rows, place);
    else if (part.level > 0) list.heading(part.level, part.text, place);
    else list.paragraph(part.text, place);
  }
};

function* lineTexts(pages: readonly PageText[]): Iterable<string> {
  for (const page of pages) for (const line of page.lines) yield line.text;
}

type Building = { page: number; sizes: FontSizes; words: Vocabulary; parts: Part[] };

const addRegion = (lines: readonly TextLine[], building: Building): void => {
  const { page, parts } = building;
  let isFirst = true;
  for (const part of findTables(lines)) {
    if (part.kind === 'table') parts.push({ kind: 'table', header: part.header, rows: part.rows, page });
    else
      for (const paragraph of toParagraphs(part.lines, building)) {
        addText({ ...paragraph, continues: paragraph.continues && isFirst }, building);
        isFirst = false;
      }
  }
};

type TextPart = Extract<Part, { kind: 'text' }>;

/** A paragraph that a column cuts in two is one; where a page does, the sentence that it cuts is whole on the first. */
const addText = (part: TextPart, { parts, words }: Building): void => {
  const last = parts.at(-1);
  if (!part.continues || last?.kind !== 'text' || last.level > 0 || last.ends) {
    parts.push(part);
    return;
  }
  const cut = last.page === part.page ? -1 : part.text.search(sentenceBreak);
  const end = cut < 0 ? part.text.length : cut + 1;
  last.text = joinLines(last.text, part.text.slice(0, end), words);
  last.ends = cut >= 0 || part.ends;
  const rest = part.text.slice(end).replace(/^["'”’)\]]*\s+/, '');
  if (rest !== '') parts.push({ ...part, text: rest });
};

const sentenceBreak = /[.!?…。！？؟۔](?=["'”’)\]]*\s)/u;

const toParagraphs = (lines: readonly TextLine[], { page, sizes, words }: Building): TextPart[] => {
  const left = Math.min(...lines.map((line) => line.left));
  const right = Math.max(...lines.map((line) => line.right));
  const parts: TextPart[] = [];
  let before: TextLine | null = null;
  for (const line of lines) {
    const level = sizes.levelOf(line);
    const last = parts.at(-1);
    const follows = before && last && last.level === level && !startsAnew(before, line, { left, right, level });
    if (before && last && follows) last.text = append(before, line, { text: last.text, words, left, right });
    else
      parts.push({
        kind: 'text',
        level,
        text: markBullet(line.text),
        page,
        continues: startsLower(line.text),
        ends: true,
      });
    const added = parts.at(-1);
    if (added) added.ends = sentenceEnd.test(line.text) || level > 0;
    before = line;
  }
  return parts;
};

const startsLower = (text: string): boolean =>
  /^[\p{Ll}\p{Script=Arabic}\p{Script=Han}\d(]/u.test(text) && !bullet.test(text);

const markBullet = (text: string): string => text.replace(bullet, '- ');

type Column = { left: number; right: number; level: number };

/** True where a line begins a paragraph: below a gap, indented behind a full sentence, or in another size. */
const startsAnew = (before: TextLine, line: TextLine, { left, right, level }: Column): boolean => {
  const size = Math.max(before.size, line.size);
  if (line.y - before.y > size * paragraphGap || line.y < before.y - size) return true;
  if (Math.abs(before.size - line.size) > size * 0.15) return true;
  if (level > 0) return false;
  const isIndented = line.isRightToLeft ? right - line.right > size * indent : line.left - left > size * indent;
  const wasIndented = before.isRightToLeft ? right - before.right > size * indent : before.left - left > size * indent;
  return isIndented && !wasIndented && sentenceEnd.test(before.text) && !bullet.test(before.text);
};

/** A line that ends long before its column does, though a word more would have fitted, was ended by its writer. */
const append = (
  before: TextLine,
  line: TextLine,
  { text, words, left, right }: { text: string; words: Vocabulary; left: number; right: number },
): string => {
  const width = line.right - line.left;
  const firstWord =
    (width * (line.text.indexOf(' ') < 0 ? line.text.length : line.text.indexOf(' '))) / line.text.length;
  const space = before.isRightToLeft ? before.left - left : right - before.right;
  const isShort = space > firstWord + before.size * shortLine && !/[-\u2010\u00ad]$/.test(before.text);
  if (isItem(line.text, before.text, isShort)) return `${text}\n${markBullet(line.text)}`;
  return isShort ? `${text}\n${line.text}` : joinLines(text, line.text, words);
};

/** A dash or a number may also begin a line in the middle of a sentence. */
const isItem = (text: string, before: string, isShort: boolean): boolean => {
  if (/^[•◦▪‣●○■□]/u.test(text)) return true;
  const looksLikeOne = bullet.test(text) || numbered.test(text);
  return looksLikeOne && (isShort || sentenceEnd.test(before) || bullet.test(before) || numbered.test(before));
};

/** What looks like a heading and has nothing below it that it could head (a name, a date) is a paragraph. */
const demote = (parts: readonly Part[]): Part[] =>
  parts.map((part, at) => {
    if (part.kind !== 'text' || part.level === 0) return part;
    const next = parts[at + 1];
    const headsNothing = !next || (next.kind === 'text' && next.level > 0 && next.level <= part.level);
    return headsNothing ? { ...part, level: 0 } : part;
  });
