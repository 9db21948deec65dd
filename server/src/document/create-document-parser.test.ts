import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { listItem, makeDocx, paragraph, table as tableOf } from '../../test/documents/make-docx.ts';
import { firstExtra, makePdf, stream, textContent } from '../../test/documents/make-pdf.ts';
import { hasSharedData, sharedData } from '../../test/shared-data.ts';
import type { DocumentFormat } from '../core/knowledge/document-format.ts';
import type { DocumentBlock, DocumentParser, ParsedDocument } from '../core/knowledge/document-parser.ts';
import { createDocumentParser } from './create-document-parser.ts';

const parser: DocumentParser = createDocumentParser();

afterAll(() => parser.close());

const parse = (
  format: DocumentFormat,
  bytes: Uint8Array | string,
  url: string | null = null,
): Promise<ParsedDocument> =>
  parser.parse({
    workspaceId: null,
    format,
    bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes,
    name: null,
    url,
  });

const sample = (name: string): Buffer => readFileSync(sharedData(name));

/** Blocks in short: `h1 …`, `p …`, `? …`, and tables as rows. */
const brief = (blocks: readonly DocumentBlock[]): unknown[] =>
  blocks.map((block) => {
    switch (block.kind) {
      case 'heading':
        return `h${block.level} ${block.text}`;
      case 'paragraph':
        return `p ${block.text}`;
      case 'question':
        return `? ${block.question} ! ${block.answer}`;
      case 'table':
        return [block.header, ...block.rows];
    }
  });

const textOf = (blocks: readonly DocumentBlock[]): string => brief(blocks).flat(2).join('\n');

describe('a PDF', () => {
  test.skipIf(!hasSharedData)(
    'in several columns is read column by column, with its headings, and words that lines divide are whole',
    async () => {
      const { blocks, pageCount } = await parse('pdf', sample('documents/multicolumn.pdf'));
      expect(pageCount).toBe(3);
      expect(brief(blocks).slice(0, 5)).toEqual([
        'h1 Two-Column Document with Lorem Ipsum',
        'p Your Name',
        'p January 3, 2024',
        'h2 Abstract',
        'p This is a sample document with two columns filled with Lorem Ipsum text.',
      ]);
      const text = textOf(blocks);
      expect(text).toContain('consectetuer adipiscing elit. Ut purus elit');
      expect(text).not.toMatch(/\w- ?\n|\w-\s\p{Ll}/u);
      // the second column begins where the first ends, in the middle of a sentence
      expect(text).toContain('Sed diam turpis, molestie vitae, placerat a, molestie nec, leo. Maecenas lacinia.');
      expect(text.indexOf('Nulla malesuada porttitor diam')).toBeLessThan(text.indexOf('Quisque ullamcorper placerat'));
    },
  );

  test.skipIf(!hasSharedData)(
    'with a table keeps its rows and its header, and the figures apart that stand close together',
    async () => {
      const { blocks } = await parse('pdf', sample('documents/multicolumn.pdf'));
      const table = blocks.find((block) => block.kind === 'table');
      expect(table).toEqual({
        kind: 'table',
        page: 3,
        anchor: null,
        header: ['Country', 'Population (millions)', 'Area (km²)', 'Capital', 'Official Language'],
        rows: [
          ['Austria', '8.9', '83,879', 'Vienna', 'German'],
          ['Belgium', '11.5', '30,689', 'Brussels', 'Dutch, French, German'],
          ['Czech Republic', '10.7', '78,866', 'Prague', 'Czech'],
          ['Denmark', '5.8', '42,951', 'Copenhagen', 'Danish'],
          ['Finland', '5.5', '338,424', 'Helsinki', 'Finnish, Swedish'],
        ],
      });
      // page numbers are no text
      expect(brief(blocks)).not.toContain('p 3');
    },
  );

  test.skipIf(!hasSharedData)(
    'knows the page of each paragraph, and ends a sentence that a page cuts on the page where it begins',
    async () => {
      const { blocks, pageCount } = await parse('pdf', sample('documents/pdflatex-4-pages.pdf'));
      expect(pageCount).toBe(4);
      expect(blocks.map((block) => block.page)).toEqual([1, 2, 3, 4]);
      const [first, second] = brief(blocks) as string[];
      expect(first).toMatch(/If you read this text, you will get no information\.$/);
      expect(second).toMatch(/^p Really\? Is there no information\?/);
      for (const text of brief(blocks)) expect(text).toMatch(/^p [A-Z].*[.?!]$/s);
    },
  );

  test.skipIf(!hasSharedData)('of one page has its number neither in its text nor lost', async () => {
    const { blocks } = await parse('pdf', sample('documents/minimal-document.pdf'));
    expect(blocks).toHaveLength(1);
    expect(blocks[0]).toMatchObject({ kind: 'paragraph', page: 1 });
    expect(textOf(blocks)).toMatch(/^p Lorem ipsum dolor sit amet.*no sea takimata sanctus est.*sit amet\.$/s);
  });

  test.skipIf(!hasSharedData)(
    'from an office program keeps lines that its writer ended, the cells of a table, and numbers without their notes',
    async () => {
      const { blocks, title } = await parse('pdf', sample('documents/google-doc-document.pdf'));
      expect(title).toBe('PDF Example Document');
      expect(brief(blocks)[0]).toBe('h1 Example document');
      expect(textOf(blocks)).toContain('Simple is better than complex.\nComplex is better than complicated.\n');
      const table = blocks.find((block) => block.kind === 'table');
      expect(table?.kind === 'table' && table.rows).toContainEqual([
        'Population',
        '273.879.750',
        '83,190,556',
        '8,935,112',
        '67,413,000',
        '453',
      ]);
    },
  );

  test.skipIf(!hasSharedData)('in Arabic is in the order in which it is read', async () => {
    const { blocks, warnings } = await parse('pdf', sample('documents/habibi.pdf'));
    // its fonts give all of an Arabic word as the text of one glyph, and none for the others; the first word stands behind
    // the name, too, since the h is given its text as well
    expect(brief(blocks).map((line) => String(line).replaceAll(/\p{M}/gu, ''))).toEqual(['p حبيبي habibi حبيبي']);
    expect(warnings).toEqual([]);
  });

  test.skipIf(!hasSharedData)('whose fonts say what they draw has no warning', async () => {
    for (const name of ['google-doc-document', 'minimal-document', 'multicolumn', 'pdflatex-4-pages']) {
      expect((await parse('pdf', sample(`documents/${name}.pdf`))).warnings).toEqual([]);
    }
  });

  test.skipIf(!hasSharedData)('with a password says so, and what to do', async () => {
    await expect(parse('pdf', sample('documents/libreoffice-writer-password.pdf'))).rejects.toMatchObject({
      code: 'encrypted',
      message: expect.stringContaining('Save a copy without one') as string,
    });
  });
});

describe('a PDF of our own', () => {
  const lines = (at: number): string =>
    `BT /F1 9 Tf 72 770 Td (Blanket makers, 2026) Tj ET BT /F1 9 Tf 300 20 Td (Page ${at} of 4) Tj ET`;
  const page = (at: number, heading: string): string =>
    `${lines(at)} BT /F1 20 Tf 72 700 Td (${heading}) Tj ET BT /F1 11 Tf 72 660 Td 14 TL (Wool is washed by hand in cold water and dried flat, away from) Tj T* (the sun. It is made of ${at} threads.) Tj ET`;

  test('loses what stands at the head and foot of every page, and finds its headings', async () => {
    const bytes = makePdf({ contents: ['One', 'Two', 'Three', 'Four'].map((name, at) => page(at + 1, name)) });
    const { blocks } = await parse('pdf', bytes);
    expect(brief(blocks)).toEqual(
      ['One', 'Two', 'Three', 'Four'].flatMap((name, at) => [
        `h1 ${name}`,
        `p Wool is washed by hand in cold water and dried flat, away from the sun. It is made of ${at + 1} threads.`,
      ]),
    );
    expect(blocks.map((block) => block.page)).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
  });

  test('says which of its pages had no text', async () => {
    const { warnings } = await parse('pdf', makePdf({ contents: [textContent(['Wool']), '0 0 9 9 re f', ''] }));
    expect(warnings).toEqual([expect.stringMatching(/^Pages 2, 3 had no text/)]);
  });

  test('says what is so where there is no text in it', async () => {
    const errorOf = (bytes: Buffer) => parse('pdf', bytes).catch((thrown: unknown) => thrown);
    const noText = {
      code: 'no_text',
      message: expect.stringMatching(/^No text was found in it\. If it shows some,/) as string,
    };
    expect(await errorOf(makePdf({ contents: [''] }))).toMatchObject(noText);
    expect(await errorOf(makePdf({ contents: ['0 0 612 792 re f'] }))).toMatchObject(noText);
    const looping = makePdf({ contents: [textContent(['Wool'])] }).toString('latin1');
    const unreadable = { code: 'damaged', message: expect.stringContaining('save it again') as string };
    expect(await errorOf(Buffer.from(looping.replace('/Kids [4 0 R]', '/Kids [2 0 R]'), 'latin1'))).toMatchObject(
      unreadable,
    );
    const form = {
      contents: ['/X Do'],
      resources: `/XObject << /X ${firstExtra} 0 R >>`,
      extra: [
        stream(
          '/X Do',
          `/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X ${firstExtra} 0 R >> >>`,
        ),
      ],
    };
    expect(await errorOf(makePdf(form))).toMatchObject(noText);
  });

  test('that cannot show one of its pages is read without it, and it is said', async () => {
    const bytes = makePdf({ contents: [textContent(['Wool']), textContent(['Silk'])] }).toString('latin1');
    const { blocks, warnings } = await parse('pdf', Buffer.from(bytes.replace('4 0 R 6 0 R', '4 0 R 2 0 R'), 'latin1'));
    expect(brief(blocks)).toEqual(['p Wool']);
    expect(warnings).toEqual([expect.stringMatching(/^Page 2 could not be read/)]);
  });

  describe('with a font that names its characters by a table of Adobe’s', () => {
    const fonts = (encoding: string, collection: string) => ({
      resources: `/Font << /F1 3 0 R /F2 ${firstExtra} 0 R >>`,
      extra: [
        `<< /Type /Font /Subtype /Type0 /BaseFont /Song /Encoding /${encoding} /DescendantFonts [${firstExtra + 1} 0 R] >>`,
        `<< /Type /Font /Subtype /CIDFontType0 /BaseFont /Song /DW 1000 /FontDescriptor ${firstExtra + 2} 0 R
          /CIDSystemInfo << /Registry (Adobe) /Ordering (${collection}) /Supplement 2 >> >>`,
        `<< /Type /FontDescriptor /FontName /Song /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 900
          /Descent -200 /CapHeight 700 /StemV 80 >>`,
      ],
    });
    const text = (hex: string): string => `BT /F2 24 Tf 72 700 Td <${hex}> Tj ET`;

    test.each([
      ['UniGB-UCS2-H', 'GB1', '7f8a6bdb6bef'],
      ['GBK-EUC-H', 'GB1', 'd1f2c3abccba'],
      ['90ms-RKSJ-H', 'Japan1', '93fa967b'],
      ['KSCms-UHC-H', 'Korea1', 'b4e3bfe4'],
    ])('says that it is not a picture, and what to do (%s)', async (encoding, collection, hex) => {
      const bytes = makePdf({ contents: [text(hex)], ...fonts(encoding, collection) });
      const error = await parse('pdf', bytes).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'no_text', message: expect.stringContaining(encoding) as string });
      expect(error).toMatchObject({ message: expect.stringContaining('with embedded fonts') as string });
      expect(error).not.toMatchObject({ message: expect.stringContaining('picture') as string });
    });

    test('says that some of its text is missing', async () => {
      const contents = [`${textContent(['Wool'])} ${text('d1f2c3abccba')}`];
      const { blocks, warnings } = await parse('pdf', makePdf({ contents, ...fonts('GBK-EUC-H', 'GB1') }));
      expect(brief(blocks).join()).toContain('Wool');
      expect(warnings).toEqual([expect.stringMatching(/^Some text is missing.*GBK-EUC-H/)]);
    });
  });
});

describe('a PDF whose font numbers its glyphs', () => {
  const fonts = (...toUnicode: string[]) => ({
    resources: `/Font << /F1 3 0 R /F2 ${firstExtra} 0 R >>`,
    extra: [
      `<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+Song /Encoding /Identity-H
        /DescendantFonts [${firstExtra + 1} 0 R] ${toUnicode.length > 0 ? `/ToUnicode ${firstExtra + 3} 0 R` : ''} >>`,
      `<< /Type /Font /Subtype /CIDFontType2 /BaseFont /ABCDEF+Song /DW 600 /FontDescriptor ${firstExtra + 2} 0 R
        /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>`,
      `<< /Type /FontDescriptor /FontName /ABCDEF+Song /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 900
        /Descent -200 /CapHeight 700 /StemV 80 >>`,
      stream(
        `/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def
         1 begincodespacerange <0000> <ffff> endcodespacerange
         ${toUnicode.length} beginbfchar ${toUnicode.join(' ')} endbfchar endcmap end end`,
      ),
    ],
  });
  const wool = 'BT /F2 24 Tf 72 700 Td <003a0052005200580003> Tj ET';
  const read = (content: string, ...toUnicode: string[]) =>
    parse('pdf', makePdf({ contents: [`${textContent(['Silk'])} ${content}`], ...fonts(...toUnicode) }));
  const wrong = expect.stringMatching(/^Some text may be wrong\. .*\(Song\).*text recognition/) as string;

  test('has a warning where it does not say which characters they are', async () => {
    expect((await read(wool)).warnings).toEqual([wrong]);
    expect((await read(wool, '<0052> <006f>', '<0058> <006c>')).warnings).toEqual([]);
    expect((await read(wool, '<003a> <0057>')).warnings).toEqual([wrong]);
  });

  test('has none where it says so, and no text for a glyph that it gives none', async () => {
    const named = await read(wool, '<003a> <0057006f006f006c>', '<0052> <>', '<0058> <>');
    expect({ text: brief(named.blocks), warnings: named.warnings }).toEqual({
      text: ['p Silk', 'p Wool'],
      warnings: [],
    });
  });
});

describe('a DOCX document', () => {
  const run = (text: string, properties: string): string => `<w:r><w:rPr>${properties}</w:rPr><w:t>${text}</w:t></w:r>`;

  test.each([
    ['with its styles', '', 'H1'],
    ['without any', null, 'Heading1'],
  ])('has the title that it shows where its properties have none (%s)', async (_what, styles, heading) => {
    const body = [
      paragraph('', 'Title'),
      paragraph(' ', 'Title'),
      paragraph('Rules of the house', 'Title'),
      paragraph('Quiet', heading),
      paragraph('From ten on.'),
    ].join('');
    const { title, blocks } = await parse('docx', makeDocx(body, { styles, title: '' }));
    expect(title).toBe('Rules of the house');
    expect(brief(blocks)).toEqual(['h1 Rules of the house', 'h2 Quiet', 'p From ten on.']);
  });

  test('without a title has its headings at their own levels, and no heading for a title', async () => {
    const body = `${paragraph(' ', 'Title')}${paragraph('Quiet', 'H1')}${paragraph('Night', 'H2')}`;
    const { title, blocks } = await parse('docx', makeDocx(body, { title: '' }));
    expect(title).toBeNull();
    expect(brief(blocks)).toEqual(['h1 Quiet', 'h2 Night']);
  });

  test('is read without its hidden text', async () => {
    const styles = `<w:style w:type="character" w:styleId="Note"><w:name w:val="Note"/><w:rPr><w:vanish/></w:rPr></w:style>
      <w:style w:type="paragraph" w:styleId="Form"><w:name w:val="Form"/><w:basedOn w:val="Base"/></w:style>
      <w:style w:type="paragraph" w:styleId="Base"><w:name w:val="Base"/><w:rPr><w:vanish w:val="true"/></w:rPr></w:style>
      <w:style w:type="paragraph" w:styleId="Open"><w:name w:val="Open"/><w:basedOn w:val="Base"/><w:rPr><w:vanish w:val="0"/></w:rPr></w:style>`;
    const body = [
      `<w:p><w:pPr><w:pStyle w:val="Title"/></w:pPr>${run('Secret', '<w:vanish/>')}</w:p>`,
      paragraph('Quiet', 'H1'),
      `<w:p>${run('From ten ', '<w:b/>')}${run('Secret ', '<w:b/><w:vanish/><w:highlight w:val="yellow"/>')}${run('on, ', '<w:vanish w:val="false"/>')}${run('Secret', '<w:vanish w:val="1"></w:vanish>')}${run('on Sundays – ', '<w:highlight w:val="yellow"/>')}${run('Secret', '<w:rStyle w:val="Note"/>')}${run('too.', '<w:rStyle w:val="Note"/><w:vanish w:val="off"/>')}</w:p>`,
      paragraph('Secret', 'Form'),
      paragraph('Not secret.', 'Open'),
      paragraph('Of &lt;w:vanish/&gt; and w:vanish.'),
      `<w:p>${run('Secret', '<w:highlight w:val="yellow"/><w:vanish/>')}${run('Cats', '<w:highlight w:val="red"></w:highlight><w:vanish w:val="0"/>')}</w:p>`,
      '<w:p><w:r><w:t>Dogs</w:t></w:r><w:r><w:footnoteReference w:id="1"/></w:r></w:p>',
    ].join('');
    const notes = `<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:footnote w:id="1"><w:p>${run('In the yard.', '')}${run('Secret', '<w:vanish/>')}${run('Secret', '<w:rStyle w:val="Note"/>')}<w:r><w:footnoteReference w:id="1"/></w:r></w:p>${paragraph('Secret', 'Form')}</w:footnote></w:footnotes>`;
    const documentRelations =
      '<Relationship Id="f" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes" Target="footnotes.xml"/>';
    const extra = [{ name: 'word/footnotes.xml', content: notes }];
    const { title, blocks } = await parse('docx', makeDocx(body, { styles, title: '', documentRelations, extra }));
    expect(title).toBeNull();
    expect(brief(blocks)).toEqual([
      'h1 Quiet',
      'p From ten on, on Sundays – too.',
      'p Not secret.',
      'p Of <w:vanish/> and w:vanish.',
      'p Cats',
      'p Dogs[1]',
      'p 1. In the yard.[2] ↑',
    ]);
  });

  test('is read where only a part of a table or what holds for all styles would be hidden', async () => {
    const styles = `<w:style w:type="table" w:styleId="Grid"><w:name w:val="Grid"/><w:tblStylePr w:type="lastRow"/></w:style>
      <w:style w:type="character" w:styleId="Note"><w:name w:val="Note"/><w:rPr><w:vanish/></w:rPr></w:style>
      <w:style w:type="table" w:styleId="Row"><w:name w:val="Row"/><w:tblStylePr w:type="firstRow"><w:rPr><w:vanish/></w:rPr></w:tblStylePr></w:style>`;
    const defaults = '<w:docDefaults><w:rPrDefault><w:rPr><w:vanish/></w:rPr></w:rPrDefault></w:docDefaults>';
    const table = (style: string): string =>
      tableOf([
        ['Room', 'Price'],
        ['Single', '40'],
      ]).replace('<w:tbl>', `<w:tbl><w:tblPr><w:tblStyle w:val="${style}"/></w:tblPr>`);
    const rows = [
      ['Room', 'Price'],
      ['Single', '40'],
    ];
    const body = `${paragraph('Prices', 'Title')}${table('Grid')}<w:p>${run('Secret', '<w:rStyle w:val="Note"/>')}${run('Or:', '')}</w:p>${table('Row')}`;
    const { blocks } = await parse('docx', makeDocx(body, { styles, defaults }));
    expect(brief(blocks)).toEqual(['h1 Prices', rows, 'p Or:', rows]);
  });

  test('keeps its headings, lists and tables, and says its title and language', async () => {
    const body = [
      paragraph('House rules', 'Title'),
      paragraph('Quiet', 'H1'),
      paragraph('From ten on, &amp; on Sundays.'),
      listItem('No drums'),
      listItem('No parties'),
      paragraph('Prices', 'H2'),
      tableOf([
        ['Room', 'Price'],
        ['Single', '40'],
        ['Double', '60'],
      ]),
      paragraph('Breakfast is included.'),
    ].join('');
    const { title, language, blocks } = await parse('docx', makeDocx(body));
    expect({ title, language }).toEqual({ title: 'House rules', language: 'en-GB' });
    expect(brief(blocks)).toEqual([
      'h1 House rules',
      'h2 Quiet',
      'p From ten on, & on Sundays.',
      'p - No drums\n- No parties',
      'h3 Prices',
      [
        ['Room', 'Price'],
        ['Single', '40'],
        ['Double', '60'],
      ],
      'p Breakfast is included.',
    ]);
  });

  test('without text says so', async () => {
    await expect(parse('docx', makeDocx(''))).rejects.toMatchObject({ code: 'empty' });
  });
});

describe('the pool', () => {
  test('refuses what is too large before any process sees it', async () => {
    await expect(parse('text', Buffer.alloc(20_000_001, 'a'))).rejects.toMatchObject({ code: 'too_large' });
  });

  test('gives up a document whose caller has gone, and reads the next', async () => {
    const gone = new AbortController();
    const reading = parser.parse({
      workspaceId: null,
      format: 'html',
      bytes: Buffer.from('<div>'.repeat(200_000)),
      name: null,
      url: null,
      signal: gone.signal,
    });
    const outcome = reading.then(
      () => 'read',
      (error: unknown) => error,
    );
    gone.abort(new Error('gone'));
    expect(await outcome).toEqual(new Error('gone'));
    expect((await parse('text', 'Wool')).blocks).toHaveLength(1);
    await expect(
      parser.parse({
        workspaceId: null,
        format: 'text',
        bytes: Buffer.from('x'),
        name: null,
        url: null,
        signal: gone.signal,
      }),
    ).rejects.toThrow('gone');
  });

  test('reads no more once it was closed, and leaves no process behind', async () => {
    const closing = createDocumentParser();
    const waiting = Promise.allSettled(
      Array.from({ length: 5 }, () =>
        closing.parse({ workspaceId: null, format: 'text', bytes: Buffer.from('x'), name: null, url: null }),
      ),
    );
    await closing.close();
    for (const outcome of await waiting) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'overloaded' } });
    }
    await expect(
      closing.parse({ workspaceId: null, format: 'text', bytes: Buffer.from('x'), name: null, url: null }),
    ).rejects.toMatchObject({ code: 'overloaded', canRetry: true });
  });

  test('says so where no process can be started, and that another try may help', async () => {
    const cause = new Error('no room for another process');
    const pool = createDocumentParser({
      onIsolation: () => {
        throw cause;
      },
    });
    await expect(
      pool.parse({ workspaceId: null, format: 'text', bytes: Buffer.from('Wool'), name: null, url: null }),
    ).rejects.toMatchObject({ code: 'not_started', canRetry: true, cause });
  });

  test('is looked for again by the next document', async () => {
    let failures = 1;
    const pool = createDocumentParser({
      onIsolation: () => {
        if (failures-- > 0) throw new Error('no processes left');
      },
    });
    const one = () =>
      pool.parse({ workspaceId: null, format: 'text', bytes: Buffer.from('Wool'), name: null, url: null });
    await expect(one()).rejects.toMatchObject({ code: 'not_started' });
    expect((await one()).blocks).toHaveLength(1);
    await pool.close();
  });

  const blanks = ' '.repeat(300_000);
  test.each([
    ['html', `<p>Wool</p><pre>a${blanks}b</pre>`],
    ['html', `<h1>a${'<b> </b>'.repeat(20_000)}b</h1><p>Wool</p>`],
    ['markdown', `# a${blanks}b\n\nWool`],
  ] as const)('reads %s with a hundred thousand blanks in a row at once', async (format, text) => {
    expect(textOf((await parse(format, text)).blocks)).toContain('Wool');
  });

  /** Parses nothing within the time that a test has. */
  const endless = Buffer.from('<div>'.repeat(200_000));

  test('leaves a process to other workspaces, however many documents one has', async () => {
    const pool = createDocumentParser({ processes: 2 });
    const ended: unknown[] = [];
    const busy = Array.from({ length: 4 }, () =>
      pool
        .parse({ workspaceId: 'one', format: 'html', bytes: endless, name: null, url: null })
        .catch(() => ended.push('one')),
    );
    for (const workspaceId of ['two', 'two', 'three', null]) {
      const document = { workspaceId, format: 'text', bytes: Buffer.from('Wool'), name: null, url: null } as const;
      expect((await pool.parse(document)).blocks).toHaveLength(1);
    }
    expect(ended).toEqual([]);
    await pool.close();
    await Promise.all(busy);
  });

  test('takes workspaces in turn where there is one process', async () => {
    const pool = createDocumentParser({ processes: 1 });
    const read: string[] = [];
    const gone = new AbortController();
    const first = pool.parse({
      workspaceId: 'one',
      format: 'html',
      bytes: endless,
      name: null,
      url: null,
      signal: gone.signal,
    });
    const others = ['one', 'one', 'one', 'two', 'two', 'three'].map(async (workspaceId) => {
      await pool.parse({ workspaceId, format: 'text', bytes: Buffer.from('Wool'), name: null, url: null });
      read.push(workspaceId);
    });
    gone.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    await Promise.all(others);
    expect(read).toEqual(['two', 'three', 'one', 'two', 'one', 'one']);
    await pool.close();
  });

  test('ends its process when there is nothing to read, and starts another when there is', async () => {
    const pool = createDocumentParser({ idleMs: 1, processes: 1 });
    const one = (): Promise<ParsedDocument> =>
      pool.parse({ workspaceId: null, format: 'text', bytes: Buffer.from('Wool'), name: null, url: null });
    await one();
    await setTimeout(50);
    expect((await one()).blocks).toHaveLength(1);
    await pool.close();
  });
});

describe('a table in CSV', () => {
  test.skipIf(!hasSharedData)(
    'of a shop becomes one paragraph a product, with its variants, below its name',
    async () => {
      const { blocks } = await parse('csv', sample('shopify-snowdevil.csv'));
      // 636 rows tell of them
      expect(blocks.filter((block) => block.kind === 'heading')).toHaveLength(278);
      const at = blocks.findIndex((block) => block.kind === 'heading' && block.text === 'Approach Under Glove');
      const text = brief(blocks)[at + 1] as string;
      expect(text).toContain('\nVendor: Burton\n');
      expect(text).toContain('\n- Screen Grab® Toughgrip™ Palm for Total Touchscreen Control\n');
      expect(text).toContain('\nVariant Price: 54.95\n');
      expect(text).toContain('\n- Option1 Value: Medium; Variant Grams: 454;');
      expect(text).toContain('\n- Option1 Value: XLarge; Variant Grams: 453;');
      expect(text).not.toMatch(/<\w+|\.jpg/);
    },
  );

  test('may be divided by semicolons or tabs, quote its cells, and continue a row with blank ones', async () => {
    const semicolons = 'Name;Size;Price\nBlanket;S;"1,50"\n;M;2\nScarf;;3\n';
    expect(brief((await parse('csv', semicolons)).blocks)).toEqual([
      'h1 Blanket',
      'p Name: Blanket\n- Size: S; Price: 1,50\n- Size: M; Price: 2',
      'h1 Scarf',
      'p Name: Scarf\nPrice: 3',
    ]);
    expect(brief((await parse('csv', 'a\tb\n1\tone\n2\ttwo\n')).blocks)).toEqual([
      'h1 one',
      'p a: 1\nb: one',
      'h1 two',
      'p a: 2\nb: two',
    ]);
  });

  test('whose quotation mark is never closed says so', async () => {
    await expect(parse('csv', 'a,b\n"1,2\n3,4\n')).rejects.toMatchObject({ code: 'damaged' });
  });
});

describe('plain text', () => {
  const text = 'Größe: 5 €\n\nZweiter Absatz\nin zwei Zeilen';
  const blocks = ['p Größe: 5 €', 'p Zweiter Absatz\nin zwei Zeilen'];

  test.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16 with a mark', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16 with a mark, the other way round', Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
    ['Windows-1252', Buffer.from(text.replace('€', '\u0080').replaceAll('\n', '\r\n'), 'latin1')],
  ])('in %s is paragraphs', async (_encoding, bytes) => {
    expect(brief((await parse('text', bytes)).blocks)).toEqual(blocks);
  });

  test('that is none says so', async () => {
    await expect(parse('text', Buffer.alloc(5_000, 1))).rejects.toMatchObject({ code: 'damaged' });
    await expect(parse('text', ' \n\n ')).rejects.toMatchObject({ code: 'empty' });
  });
});

describe('Markdown', () => {
  test('keeps the numbers of steps that hold code or several paragraphs', async () => {
    const source = '3. Install:\n\n   ```\n   make\n   ```\n4. Start it.\n\n   It takes a while.\n';
    expect(brief((await parse('markdown', source)).blocks)).toEqual([
      'p 3. Install:',
      'p make',
      'p 4. Start it.',
      'p It takes a while.',
    ]);
  });

  test('is read as a reader sees it: front matter, headings, lists, tables, code and folded answers', async () => {
    const source = `---
title: "Delivery"
lang: en
---
# Delivery *fast*

We ship to [Batumi](https://example.org/x) in **two**
days. ![a van](van.png)

- One
  1. Nested \`code\`

| Size | Price |
| ---- | ----: |
| S    | 10    |

<details><summary>Abroad?</summary>

Yes, to **all** of Europe.

</details>

\`\`\`js
const a = 1;

const b = 2;
\`\`\`

## Returns {#returns}
> Thirty days.
`;
    const { title, language, blocks } = await parse('markdown', source);
    expect({ title, language }).toEqual({ title: 'Delivery', language: 'en' });
    expect(brief(blocks)).toEqual([
      'h1 Delivery fast',
      'p We ship to Batumi in two days.',
      'p - One\n1. Nested code',
      [
        ['Size', 'Price'],
        ['S', '10'],
      ],
      '? Abroad? ! Yes, to all of Europe.',
      'p const a = 1;\n\nconst b = 2;',
      'h2 Returns',
      'p Thirty days.',
    ]);
    expect(blocks.find((block) => block.kind === 'heading' && block.level === 2)?.anchor).toBe('returns');
  });

  test('whose lists nest deeper than is read says so, and loses nothing unsaid', async () => {
    const lists = (depth: number): string =>
      Array.from({ length: depth }, (_, at) => `${'  '.repeat(at)}- ${at === depth - 1 ? 'Deep' : 'Wool'}`).join('\n');
    expect(textOf((await parse('markdown', lists(90))).blocks)).toContain('Deep');
    await expect(parse('markdown', lists(110))).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringContaining('too deep') as string,
    });
  });

  test('of our own pages loses no heading and no row', async () => {
    const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
    const { blocks } = await parse('markdown', page);
    const headings = page.match(/^#{1,6} /gm) ?? [];
    expect(headings.length).toBeGreaterThan(1);
    expect(blocks.filter((block) => block.kind === 'heading')).toHaveLength(headings.length);
    expect(textOf(blocks)).toContain('quota_exceeded');
  });
});

describe('a title, a question or an answer that is a whole text', () => {
  const text = 'All of it. '.repeat(2_000).trim();

  test('is not read again with every passage: a title is cut, and the others are paragraphs', async () => {
    const ask = (question: string, answer: string) =>
      `<div itemscope itemtype="https://schema.org/Question"><p itemprop="name">${question}</p><div itemprop="acceptedAnswer">${answer}</div></div>`;
    const { title, blocks } = await parse(
      'html',
      `<html><head><title>${text}</title></head><body><main>${ask(text, 'Yes.')}${ask('All?', text)}</main></body></html>`,
    );
    expect(title).toBe(text.slice(0, 300).trim());
    expect(brief(blocks)).toEqual([`p ${text}\n\nYes.`, `p All?\n\n${text}`]);
  });

  test('in Markdown, too', async () => {
    const { title } = await parse('markdown', `---\ntitle: ${text}\n---\n\nWool.`);
    expect(title).toBe(text.slice(0, 300).trim());
  });
});

describe('a page of HTML', () => {
  const page = (body: string, head = ''): string =>
    `<!doctype html><html lang="de"><head><title>Decken – Laden</title>${head}</head><body>${body}</body></html>`;

  test.each(['display:none', 'visibility: hidden', 'font-size:0', 'color:red; FONT-SIZE: 0px !important'])(
    'is read without what its own style hides (%s), wherever that stands',
    async (style) => {
      const hidden = (name: string): string => `<${name} style="${style}">Geheim</${name}>`;
      const content = `<h1>Decken ${hidden('span')}</h1><p>Von Hand gemacht.</p>${hidden('p')}
        <table><tr><th>Größe</th>${hidden('th')}<th>Preis</th></tr><tr><td>S</td>${hidden('td')}<td>10</td></tr></table>
        <ul><li>Wolle<div><ul style="${style}"><li>Geheim</li></ul></div></li>${hidden('li')}</ul>
        <dl><dt>Material</dt><dd>Wolle</dd>${hidden('dt')}${hidden('dd')}</dl><pre>Zeile ${hidden('i')}</pre>`;
      const article = `<article>${`<p>${'Decken aus Wolle, von Hand gemacht, in Tbilissi. '.repeat(6)}</p>`.repeat(6)}${content}</article>`;
      for (const body of [`<main>${content}</main>`, content, `${article}<article>Mehr</article>`]) {
        const { blocks } = await parse('html', page(body));
        expect(textOf(blocks)).toContain('Wolle');
        expect(textOf(blocks)).not.toContain('Geheim');
      }
    },
  );

  test('is read with what only comes without a gap, or fades in', async () => {
    const { blocks } = await parse(
      'html',
      page(
        `<div style="font-size:0"><div style="font-size:16px">Links</div></div><div style="font-size:0"><div class="column">Rechts</div></div>
         <div style="opacity:0">Decken</div><p style="font-size:0.9em">Wolle</p><p style="font-size:05px">Garn</p>`,
      ),
    );
    expect(brief(blocks)).toEqual(['p Links', 'p Rechts', 'p Decken', 'p Wolle', 'p Garn']);
  });

  test.each([
    '<!doctype html><html lang=de><meta charset=utf-8>(head)<p>Wolle</p>',
    '<html lang=de>(head)<p>Wolle</p></html>',
    '<html lang=de><head></head>(head)<p>Wolle</html>',
    '<html lang=de><head>(head)</head><main><p>Wolle</main></html>',
    '<html lang=de><head>(head)<p>Wolle</html>',
    '<html lang=de>(head)<body class=a><p>Wolle</p></body></html>',
    '<!-- <body>Nichts</body> --><html lang=de>(head)<script>"<body><p>Nichts"</script><p>Wolle',
    '<HTML LANG=de><HEAD>(head)<BODY BGCOLOR=white><P>Wolle</BODY></HTML>',
    '<p>Wolle</p><html lang=de><head>(head)</head></html>',
  ])('is whole with the tags left out that HTML lets it leave out (%s)', async (markup) => {
    const head = '<title>Decken</title><META NAME=ROBOTS CONTENT=NOINDEX><LINK REL=Canonical HREF=/decken>';
    const { title, language, noIndex, canonicalUrl, blocks } = await parse(
      'html',
      markup.replace('(head)', head),
      'https://example.org/',
    );
    expect({ title, language, noIndex, canonicalUrl }).toEqual({
      title: 'Decken',
      language: 'de',
      noIndex: true,
      canonicalUrl: 'https://example.org/decken',
    });
    expect(brief(blocks)).toEqual(['p Wolle']);
  });

  test.each([
    ['<body><p>One</p></body>', ['p One']],
    ['<head><title>Decken</title></head><p>One</p>', ['p One']],
    ['<head><title>Decken</title></head><body><p>One</p></body>', ['p One']],
    [
      '<p>One</p><body><p>Two</p></body><body><p>Three</p></body></html><p>Four</p>',
      ['One', 'Two', 'Three', 'Four'].map((text) => `p ${text}`),
    ],
    ['One<html><p>Two</p></html><html><p>Three</p></html>', ['p One', 'p Two', 'p Three']],
    ['<title>Decken</title><p HIDDEN>Nothing</p><p STYLE="display:none">Nothing</p>One', ['p One']],
  ])('without a root is whole and in order (%s)', async (markup, text) => {
    expect(brief((await parse('html', markup)).blocks)).toEqual(text);
  });

  const nested = (depth: number): [string, string][] => [
    ['lists', `${'<ul><li>'.repeat(depth / 2)}Deep`],
    ['lists with code', `${'<ul><li><pre>x</pre>'.repeat(depth / 2)}Deep`],
    ['elements in an item', `<ul><li>${'<i>'.repeat(depth)}Deep`],
    ['boxes with lists', `<ul><li>${'<div><ul><li>'.repeat(depth / 3)}Deep`],
    ['elements in a heading', `<h1>${'<i>'.repeat(depth)}Deep`],
    ['elements in code', `<pre>${'<i>'.repeat(depth)}Deep`],
    ['elements in a cell', `<table><tr><td>x</td><td>${'<div>'.repeat(depth)}Deep`],
    ['definitions', `${'<dl><dt>x</dt><dd>'.repeat(depth / 2)}Deep`],
  ];

  test.each(nested(400))('is read with what stands deep in it (%s)', async (_what, markup) => {
    expect(textOf((await parse('html', page(`<p>Wool</p>${markup}`))).blocks)).toContain('Deep');
  });

  test.each(nested(6_000))(
    'that nests deeper than is read says so, and loses nothing unsaid (%s)',
    async (_what, markup) => {
      await expect(parse('html', page(`<p>Wool</p>${markup}`))).rejects.toMatchObject({
        code: 'damaged',
        message: expect.stringContaining('too deep') as string,
      });
    },
  );

  test('is cited by the anchor of the heading, or of the nearest one around it', async () => {
    const { blocks } = await parse(
      'html',
      page(
        `<main><p>Vorab</p><h1 id="returns">Returns</h1><h2 id="refund">Refund</h2><p>One</p><h3>Card</h3><p>Two</p><h2>Prices</h2><p>Three</p>
         <h1>Other</h1><p>Four</p></main>`,
      ),
    );
    expect(blocks.map((block) => ('text' in block ? [block.text, block.anchor] : []))).toEqual([
      ['Vorab', null],
      ['Returns', 'returns'],
      ['Refund', 'refund'],
      ['One', 'refund'],
      ['Card', 'refund'],
      ['Two', 'refund'],
      ['Prices', 'returns'],
      ['Three', 'returns'],
      ['Other', null],
      ['Four', null],
    ]);
  });

  test('is read without what surrounds its content, and knows its links, language and address', async () => {
    const markup = page(
      `<header><nav><a href="/a?x=1#top">A</a><a href="b.html">B</a></nav></header>
       <div class="cookie-banner">We use cookies</div>
       <h1 id="top">Decken</h1><p>Von <b>Hand</b> gemacht.<br>In Tbilissi.</p>
       <section id="care"><h2>Pflege</h2><ul><li>Kalt waschen</li><li>Trocknen<ol><li>liegend</li></ol></li></ul></section>
       <dl><dt>Material</dt><dd>Wolle</dd></dl>
       <table><thead><tr><th>Größe</th><th>Preis</th></tr></thead><tr><td rowspan=2>S</td><td>10</td></tr><tr><td>12</td></tr></table>
       <script>alert(1)</script><p hidden>Geheim</p><p style="display:none">Geheim</p>
       <a href="mailto:x@example.org">Post</a><a href="javascript:alert(1)">J</a><a rel="nofollow" href="/n">N</a>
       <footer>Impressum</footer>`,
      '<link rel="canonical" href="/decken"><meta name="robots" content="noindex">',
    );
    const document = await parse('html', markup, 'https://example.org/shop/page');
    expect(brief(document.blocks)).toEqual([
      'h1 Decken',
      'p Von Hand gemacht.\nIn Tbilissi.',
      'h2 Pflege',
      'p - Kalt waschen\n- Trocknen\n1. liegend',
      'p Material: Wolle',
      [
        ['Größe', 'Preis'],
        ['S', '10'],
        ['S', '12'],
      ],
      'p PostJN',
    ]);
    expect(document.blocks.map((block) => block.anchor)).toEqual([
      'top',
      'top',
      'care',
      'care',
      'care',
      'care',
      'care',
    ]);
    expect(document).toMatchObject({
      title: 'Decken – Laden',
      language: 'de',
      links: ['https://example.org/a?x=1', 'https://example.org/shop/b.html'],
      canonicalUrl: 'https://example.org/decken',
      noIndex: true,
      noFollow: false,
    });
  });

  test('with a main article is that article', async () => {
    const sentence = 'Wool is washed by hand in cold water, and dried flat, away from the sun and from any stove. ';
    const markup = page(
      `<div class="menu"><a href="/1">Shop</a> <a href="/2">About</a></div>
       <div class="post"><h1>Washing wool</h1><p>${sentence.repeat(6)}</p><p>${sentence.repeat(6)}</p></div>
       <div class="sidebar"><ul><li><a href="/3">Related post</a></li><li><a href="/4">Another post</a></li></ul></div>`,
    );
    const { blocks } = await parse('html', markup);
    expect(textOf(blocks)).toContain('dried flat');
    expect(textOf(blocks)).not.toContain('Related post');
  });

  test('keeps what it marks as its content, whatever else it holds', async () => {
    const { blocks } = await parse(
      'html',
      page('<div>Menu</div><main><h2>Preise</h2><p>10 €</p></main><div>Ende</div>'),
    );
    expect(brief(blocks)).toEqual(['h2 Preise', 'p 10 €']);
  });

  test('gives questions with their answers, however it says that they are some', async () => {
    const markup = page(
      `<main><details id="abroad"><summary>Do you ship abroad?</summary><p>Yes, to Europe.</p></details>
       <div itemscope itemtype="https://schema.org/Question"><h3 itemprop="name">How long?</h3>
       <div itemprop="acceptedAnswer"><p itemprop="text">Two days.</p></div></div>
       <div><b>May I return it?</b></div><div>Within 30 days.</div></main>`,
      `<script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":"FAQPage","mainEntity":[
        {"@type":"Question","name":"May I return it?","acceptedAnswer":{"@type":"Answer","text":"<p>Within 30 days.</p>"}},
        {"@type":"Question","name":"Is it wool?","acceptedAnswer":{"@type":"Answer","text":"All of it."}}]}]}</script>`,
    );
    const { blocks } = await parse('html', markup);
    expect(brief(blocks)).toEqual([
      '? Do you ship abroad? ! Yes, to Europe.',
      '? How long? ! Two days.',
      '? May I return it? ! Within 30 days.',
      '? Is it wool? ! All of it.',
    ]);
    expect(blocks[0]?.anchor).toBe('abroad');
  });

  test.each([
    [
      'asks for a password',
      '<h1>Welcome back</h1><form><input name="user"><input type="password"><button>Go</button></form>',
    ],
    [
      'leads to another that signs people in',
      '<h1>Anmelden</h1><p>Bitte melden Sie sich an.</p><a href="/oauth/start">Weiter</a>',
    ],
  ])('that only %s is reported as one to sign in', async (_what, body) => {
    await expect(parse('html', page(body))).rejects.toMatchObject({ code: 'login_page' });
  });

  test('with content beside a form to sign in is read', async () => {
    const text = 'We make blankets of wool by hand, one after the other, in a small workshop in Tbilisi. '.repeat(10);
    const { blocks } = await parse('html', page(`<p>${text}</p><form><input type="password"></form>`));
    expect(blocks).toHaveLength(1);
  });

  test.each([
    ['<title>Wool</title><h1>Care</h1><p>By hand.</p>', 'Wool'],
    ['<h1>Care</h1><svg><title>Icon</title></svg><p>By hand.</p>', 'Care'],
  ])('has its title also without a head: %s', async (markup, title) => {
    expect((await parse('html', Buffer.from(markup))).title).toBe(title);
  });

  test('loses the icons of its font', async () => {
    const { blocks } = await parse('html', Buffer.from('<h1>\ue001 Care</h1><p>By \u{f03d9}hand.</p>'));
    expect(blocks.map((block) => 'text' in block && block.text)).toEqual(['Care', 'By hand.']);
  });

  test('that is empty without its scripts says so', async () => {
    await expect(parse('html', page('<div id="root"></div><script src="/app.js"></script>'))).rejects.toMatchObject({
      code: 'empty',
      message: expect.stringContaining('scripts') as string,
    });
  });

  test('says itself in what it is encoded', async () => {
    const bytes = Buffer.from('<meta charset="iso-8859-1"><p>Gr\xf6\xdfe</p>', 'latin1');
    expect(brief((await parse('html', bytes)).blocks)).toEqual(['p Größe']);
  });
});
