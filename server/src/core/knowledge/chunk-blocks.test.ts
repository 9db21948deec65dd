import { describe, expect, test } from 'vitest';
import { estimateTokens } from '../../kit/token-estimate.ts';
import { chunkBlocks } from './chunk-blocks.ts';
import type { DocumentBlock } from './document-parser.ts';

const place = { page: null, anchor: null };
const heading = (level: 1 | 2 | 3, text: string, anchor: string | null = null): DocumentBlock => ({
  kind: 'heading',
  level,
  text,
  page: null,
  anchor,
});
const paragraph = (text: string, page: number | null = null, anchor: string | null = null): DocumentBlock => ({
  kind: 'paragraph',
  text,
  page,
  anchor,
});

const rows = (count: number): string[][] =>
  Array.from({ length: count }, (_, at) => [`SKU-${at}`, `Blanket of wool number ${at}, made by hand`, `${at} EUR`]);

describe('a document', () => {
  test('is divided at its headings, whose path stands above each passage', async () => {
    const blocks = [
      paragraph('Before all.'),
      heading(2, 'Delivery'),
      paragraph('Fast.'),
      heading(3, 'Abroad'),
      paragraph('Slow.'),
      heading(2, 'Returns'),
      paragraph('Thirty days.'),
      heading(1, 'Imprint'),
      paragraph('Tbilisi.'),
    ];
    expect((await chunkBlocks(blocks)).map(({ headings, text }) => [headings.join(' > '), text])).toEqual([
      ['', 'Before all.'],
      ['Delivery', 'Fast.'],
      ['Delivery > Abroad', 'Slow.'],
      ['Returns', 'Thirty days.'],
      ['Imprint', 'Tbilisi.'],
    ]);
  });

  test('keeps with each passage the page and the anchor of its first block', async () => {
    const long = Array.from({ length: 40 }, (_, at) => `Sentence ${at} tells of blankets of wool from Tbilisi.`).join(
      ' ',
    );
    const passages = await chunkBlocks([paragraph('One.', 1, 'a'), paragraph(long, 2, 'b'), paragraph(long, 3, 'c')]);
    expect(passages.length).toBeGreaterThan(3);
    expect(passages[0]).toMatchObject({ page: 1, anchor: 'a' });
    expect(passages.at(-1)).toMatchObject({ page: 3, anchor: 'c' });
    expect(new Set(passages.map((passage) => passage.page))).toEqual(new Set([1, 2, 3]));
  });

  test('ends a passage with its page', async () => {
    const passages = await chunkBlocks([heading(1, 'Care'), paragraph('Cold water.', 1), paragraph('No sun.', 2)]);
    expect(passages.map(({ headings, text, page }) => [headings[0], text, page])).toEqual([
      ['Care', 'Cold water.', 1],
      ['Care', 'No sun.', 2],
    ]);
  });

  test('gives each question with its answer a passage, below the headings around it', async () => {
    const question: DocumentBlock = { kind: 'question', question: 'Abroad?', answer: 'Yes.', ...place };
    expect(await chunkBlocks([heading(1, 'FAQ'), paragraph('Ask.'), question, paragraph('More.')])).toEqual([
      { headings: ['FAQ'], text: 'Ask.', ...place },
      { headings: ['FAQ', 'Abroad?'], text: 'Yes.', ...place },
      { headings: ['FAQ'], text: 'More.', ...place },
    ]);
  });

  test('of headings alone is one of those', async () => {
    expect(await chunkBlocks([heading(1, 'Wool'), heading(1, 'Linen')])).toEqual([
      { headings: [], text: 'Wool\n\nLinen', ...place },
    ]);
  });

  test('of nothing is nothing', async () => {
    expect(await chunkBlocks([])).toEqual([]);
  });
});

describe('a table', () => {
  const header = ['SKU', 'Name', 'Price'];

  test('that is short stays whole, with the text around it', async () => {
    const passages = await chunkBlocks([paragraph('Prices:'), { kind: 'table', header, rows: rows(2), ...place }]);
    expect(passages.map((passage) => passage.text)).toEqual([
      `Prices:\n\nSKU | Name | Price\n${rows(2)
        .map((row) => row.join(' | '))
        .join('\n')}`,
    ]);
  });

  test('that is long is divided between rows, with its header above every part', async () => {
    const passages = await chunkBlocks([{ kind: 'table', header, rows: rows(200), ...place }]);
    expect(passages.length).toBeGreaterThan(10);
    const lines = passages.map((passage) => passage.text.split('\n'));
    for (const part of lines) expect(part[0]).toBe('SKU | Name | Price');
    expect(lines.flatMap((part) => part.slice(1))).toEqual(rows(200).map((row) => row.join(' | ')));
    for (const passage of passages) expect(estimateTokens(passage.text)).toBeLessThanOrEqual(420);
  });

  test('whose header is a text has it above its first part alone', async () => {
    const long = [Array.from({ length: 2_000 }, (_, at) => `name${at}`).join(' ')];
    const passages = await chunkBlocks([{ kind: 'table', header: long, rows: rows(200), ...place }]);
    expect(passages.filter((passage) => passage.text.includes('name1 '))).toHaveLength(1);
    expect(passages.map((passage) => passage.text).join('\n')).toContain('name1999');
    expect(passages.reduce((sum, passage) => sum + passage.text.length, 0)).toBeLessThan(30_000);
  });

  test('whose rows are longer than passages is divided within them, and none grows without bound', async () => {
    const wide = [Array.from({ length: 40 }, (_, at) => `${at} `.repeat(400).trim())];
    const passages = await chunkBlocks([{ kind: 'table', header: [], rows: wide, ...place }]);
    for (const passage of passages) expect(passage.text.length).toBeLessThanOrEqual(2_400);
  });
});

test('lines of a long paragraph stay lines', async () => {
  const lines = Array.from({ length: 80 }, (_, at) => `Colour ${at}: a shade of wool that is dyed by hand`);
  const passages = await chunkBlocks([paragraph(lines.join('\n'))]);
  expect(passages.length).toBeGreaterThan(2);
  expect(passages.map((passage) => passage.text).join('\n')).toBe(lines.join('\n'));
});

describe('a document as large as one may be', () => {
  const lines = 'ab c\n'.repeat(199_999);

  test('may be a single paragraph or cell of short lines or sentences', async () => {
    expect((await chunkBlocks([paragraph(lines)])).length).toBeGreaterThan(1_000);
    const cell: DocumentBlock = { kind: 'table', header: [], rows: [['A b. '.repeat(199_999)]], ...place };
    expect((await chunkBlocks([cell])).length).toBeGreaterThan(1_000);
  });

  test('leaves others their share of the processor while it is divided', async () => {
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 0);
    await chunkBlocks(Array.from({ length: 20_000 }, (_, at) => paragraph(`Wool and linen, number ${at}.`)));
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(5);
  });
});
