import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { estimateTokens } from '../../kit/token-estimate.ts';
import { chunkContent, chunkText } from './chunk-text.ts';

const sentence = (at: number): string =>
  `Sentence number ${at} tells how blankets of wool are made by hand in Tbilisi.`;
const paragraph = (from: number, count: number): string =>
  Array.from({ length: count }, (_, at) => sentence(from + at)).join(' ');

describe('a text', () => {
  test('that is short stays whole, paragraphs and all', async () => {
    expect(await chunkText('One.\n\nTwo.')).toEqual([{ headings: [], text: 'One.\n\nTwo.' }]);
  });

  test('is divided at its headings, which stand above their passages', async () => {
    const text = '# Delivery\nFast.\n## Abroad\nSlow.\n\nReturns\n=======\nThirty days.\n# Empty\n';
    expect(await chunkText(text)).toEqual([
      { headings: ['Delivery'], text: 'Fast.' },
      { headings: ['Delivery', 'Abroad'], text: 'Slow.' },
      { headings: ['Returns'], text: 'Thirty days.' },
    ]);
  });

  test('has headings closed as they were opened, or made of nothing else', async () => {
    const headings = async (line: string) => (await chunkText(`${line}\nText.`)).map((passage) => passage.headings);
    expect(await headings('## Delivery ##')).toEqual([['Delivery']]);
    expect(await headings('# C# and F# \t')).toEqual([['C# and F#']]);
    expect(await headings('# Delivery # #')).toEqual([['Delivery #']]);
    expect(await headings('#  ###')).toEqual([['#']]);
  });

  test('of a million blanks in lines that begin like headings is divided at once', async () => {
    // where each may be a blank of the heading, or before, or behind it, such a line has millions of readings
    const passages = await chunkText(`# ${' '.repeat(390)}\u2028\n`.repeat(2_500));
    expect(passages.flatMap(({ headings }) => headings)).toEqual([]);
  });

  test('is divided at paragraphs near the size aimed at, and loses none of its sentences', async () => {
    const text = Array.from({ length: 30 }, (_, at) => paragraph(at * 5, 5)).join('\n\n');
    const chunks = await chunkText(text);
    expect(chunks.length).toBeGreaterThan(5);
    for (const chunk of chunks) {
      expect(estimateTokens(chunk.text)).toBeLessThanOrEqual(420);
      expect(chunk.text.startsWith('Sentence')).toBe(true);
    }
    expect(chunks.map((chunk) => chunk.text).join('\n\n')).toBe(text);
  });

  test('lets others have their turn within a paragraph of a million characters', async () => {
    const state = { turns: 0, isDivided: false };
    const counted = (async () => {
      for (; !state.isDivided; state.turns++) await setImmediate();
    })();
    await chunkText('Wool is warm. '.repeat(70_000));
    state.isDivided = true;
    await counted;
    expect(state.turns).toBeGreaterThan(20);
  });

  test('of one endless paragraph is divided at its sentences', async () => {
    const chunks = await chunkText(paragraph(0, 100));
    expect(chunks.length).toBeGreaterThan(3);
    for (const chunk of chunks) expect(chunk.text).toMatch(/^Sentence.*Tbilisi\.$/s);
    expect(chunks.map((chunk) => chunk.text).join(' ')).toBe(paragraph(0, 100));
  });

  test('without a single space or full stop is cut into bounded pieces, never inside a character', async () => {
    const chunks = await chunkText('😀'.repeat(20_000));
    expect(chunks.map((chunk) => chunk.text).join('')).toHaveLength(40_000);
    for (const chunk of chunks) {
      expect(chunk.text.isWellFormed()).toBe(true);
      expect(chunk.text.length).toBeLessThanOrEqual(1_200);
    }
  });

  test.each([
    ['initials', 'A. '],
    ['signs of a heading', '#'],
    ['heading signs and spaces', '# #\t'],
    ['numbers', '1.1,'],
    ['joined letters', 'a-'],
    ['line ends', '\n'],
  ])('made only of %s takes no more time than its length allows', async (_name, unit) => {
    const text = `${unit.repeat(Math.floor(300_000 / unit.length))}x`;
    const chunks = await chunkText(`# ${text}`);
    expect(chunks.every((chunk) => chunk.text.length <= 8_000)).toBe(true);
  });

  test('of spaces and headings alone gives nothing', async () => {
    expect(await chunkText(' \n\n# Only a heading\n')).toEqual([]);
  });
});

test('each question with its answer is one passage', async () => {
  const items = [
    { question: 'Do you ship abroad?', answer: 'Yes.' },
    { question: ' How long? ', answer: paragraph(0, 60) },
  ];
  expect(await chunkContent({ type: 'faq', items })).toEqual([
    { headings: ['Do you ship abroad?'], text: 'Yes.' },
    { headings: ['How long?'], text: paragraph(0, 60) },
  ]);
});
