import type { DocumentErrorCode } from '../../src/core/knowledge/document-error.ts';
import type { DocumentFormat } from '../../src/core/knowledge/document-format.ts';
import { makeDocx, paragraph } from './make-docx.ts';
import { firstExtra, makePdf, stream, textContent } from './make-pdf.ts';
import { makeZip } from './make-zip.ts';

export type HostileDocument = {
  name: string;
  format: DocumentFormat;
  make: () => Buffer;
  /** How it may end; `read` is with its text `Blankets`. */
  ends: readonly (DocumentErrorCode | 'read')[];
};

const text = paragraph('Blankets');
const pdfText = textContent(['Blankets']);
const megabyte = 1_000_000;

const laughs = (): string => {
  const entities = Array.from({ length: 12 }, (_, at) => `<!ENTITY a${at + 1} "${`&a${at};`.repeat(10)}">`).join('');
  return `<?xml version="1.0"?><!DOCTYPE w:document [<!ENTITY a0 "ha">${entities}]><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&a12;</w:t></w:r></w:p></w:body></w:document>`;
};

const bomb = (): Buffer => makeZip([{ name: 'zeros', content: Buffer.alloc(50 * megabyte) }]);

const archives: readonly HostileDocument[] = [
  {
    name: 'an archive that unpacks to far more than it is',
    format: 'docx',
    make: () => makeDocx(text, { extra: [{ name: 'word/bomb.xml', content: Buffer.alloc(150 * megabyte) }] }),
    ends: ['unpacks_too_large'],
  },
  {
    name: 'one that says it unpacks to little',
    format: 'docx',
    make: () =>
      makeDocx(text, { extra: [{ name: 'word/bomb.xml', content: Buffer.alloc(150 * megabyte), claimedBytes: 10 }] }),
    ends: ['unpacks_too_large'],
  },
  {
    name: 'many files that are too much together',
    format: 'docx',
    make: () => {
      const content = Buffer.alloc(6 * megabyte);
      const extra = Array.from({ length: 20 }, (_, at) => ({ name: `word/${at}.xml`, content }));
      return makeDocx(text, { extra });
    },
    ends: ['unpacks_too_large'],
  },
  {
    name: 'archives within it',
    format: 'docx',
    make: () =>
      makeDocx(text, {
        extra: [
          { name: 'word/embeddings/inner.docx', content: bomb() },
          { name: 'word/media/inner.xml', content: bomb() },
          { name: 'inner.zip', content: bomb() },
        ],
      }),
    ends: ['read'],
  },
  {
    name: 'names that lead out of it, and links',
    format: 'docx',
    make: () =>
      makeDocx(text, {
        extra: [
          ...[
            '../../../../etc/cron.d/x.xml',
            '/etc/passwd.xml',
            'C:\\x.xml',
            'a\0b.xml',
            `${'n'.repeat(4_096)}.xml`,
          ].map((name) => ({ name, content: 'x' })),
          { name: 'word/link.xml', content: '/etc/passwd', attributes: 0xa1_ff_00_00 },
        ],
      }),
    ends: ['read'],
  },
  {
    name: '65,536 files',
    format: 'docx',
    make: () =>
      makeZip(
        Array.from({ length: 65_536 }, (_, at) => ({ name: `word/document${at}`, content: '' })),
        65_535,
      ),
    ends: ['unpacks_too_large'],
  },
  {
    name: 'a password on its files',
    format: 'docx',
    make: () => makeZip([{ name: 'word/document.xml', content: 'x', flags: 1 }]),
    ends: ['encrypted'],
  },
  {
    name: 'two files of one name',
    format: 'docx',
    make: () => makeDocx(text, { extra: [{ name: 'word/document.xml', content: '<other/>' }] }),
    ends: ['damaged'],
  },
  {
    name: 'a directory that points nowhere',
    format: 'docx',
    make: () => makeDocx(text).subarray(200),
    ends: ['damaged'],
  },
  {
    name: 'entities that grow without bound',
    format: 'docx',
    make: () => makeDocx('', { xml: laughs() }),
    ends: ['damaged'],
  },
  {
    name: 'a million paragraphs',
    format: 'docx',
    make: () => makeDocx(paragraph('x').repeat(megabyte)),
    ends: ['memory', 'timeout', 'too_much_text'],
  },
  {
    name: 'tables in tables in tables',
    format: 'docx',
    make: () => makeDocx(`${'<w:tbl><w:tr><w:tc>'.repeat(20_000)}${text}${'</w:tc></w:tr></w:tbl>'.repeat(20_000)}`),
    ends: ['damaged', 'memory', 'timeout'],
  },
];

const pdfs: readonly HostileDocument[] = [
  {
    name: 'scripts and actions that would run when it is opened',
    format: 'pdf',
    make: () =>
      makePdf({
        contents: [pdfText],
        catalogue:
          '/OpenAction << /S /JavaScript /JS (app.alert\\(1\\); while\\(true\\){}) >> /AA << /WC << /S /Launch /F (/bin/sh) >> >>',
      }),
    ends: ['read'],
  },
  {
    name: '10,000 pages',
    format: 'pdf',
    make: () => makePdf({ contents: Array.from({ length: 10_000 }, () => pdfText) }),
    ends: ['too_many_pages'],
  },
  {
    name: 'a table of places that leads to itself',
    format: 'pdf',
    make: () => makePdf({ contents: [pdfText], trailer: '/Prev STARTXREF' }),
    ends: ['read', 'damaged'],
  },
  {
    name: 'pages that are their own parents',
    format: 'pdf',
    make: () =>
      Buffer.from(
        makePdf({ contents: [pdfText] })
          .toString('latin1')
          .replace('/Kids [4 0 R]', '/Kids [2 0 R]'),
        'latin1',
      ),
    ends: ['damaged', 'timeout'],
  },
  {
    name: 'a form that draws itself',
    format: 'pdf',
    make: () =>
      makePdf({
        contents: [`${pdfText} /X Do`],
        resources: `/XObject << /X ${firstExtra} 0 R >>`,
        extra: [
          stream(
            '/X Do /X Do',
            `/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X ${firstExtra} 0 R >> >>`,
          ),
        ],
      }),
    ends: ['read', 'timeout', 'memory', 'no_text'],
  },
  {
    name: 'a picture of a point that says it is huge',
    format: 'pdf',
    make: () =>
      makePdf({
        contents: [`${pdfText} /I Do`],
        resources: `/XObject << /I ${firstExtra} 0 R >>`,
        extra: [
          stream(
            Buffer.alloc(30 * megabyte),
            '/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceRGB /BitsPerComponent 8',
          ),
        ],
      }),
    ends: ['read'],
  },
  {
    name: 'a page that unpacks to far more than it is',
    format: 'pdf',
    make: () => makePdf({ contents: [Buffer.alloc(400 * megabyte, ' ')] }),
    ends: ['memory', 'timeout', 'no_text'],
  },
  {
    name: 'text without end',
    format: 'pdf',
    make: () =>
      makePdf({
        contents: Array.from({ length: 1_500 }, () =>
          textContent(Array.from({ length: 30 }, () => 'Blankets of wool from Tbilisi')),
        ),
      }),
    ends: ['too_much_text', 'memory', 'timeout'],
  },
  {
    name: 'nothing but its head',
    format: 'pdf',
    make: () => Buffer.from('%PDF-1.7\n'),
    ends: ['damaged'],
  },
  {
    name: 'a picture of text alone',
    format: 'pdf',
    make: () => makePdf({ contents: ['0 0 612 792 re f'] }),
    ends: ['no_text'],
  },
];

const texts: readonly HostileDocument[] = [
  {
    name: 'elements in elements in elements',
    format: 'html',
    make: () => Buffer.from(`${'<div>'.repeat(300_000)}Blankets`),
    ends: ['damaged', 'memory', 'timeout'],
  },
  {
    name: 'inline elements in inline elements',
    format: 'html',
    make: () => Buffer.from(`<p>${'<b>'.repeat(100_000)}Blankets`),
    ends: ['damaged', 'memory', 'timeout'],
  },
  {
    name: 'a table with cells that cover all others',
    format: 'html',
    make: () => Buffer.from(`<table>${'<tr><td rowspan=9999 colspan=9999>x<td>y</tr>'.repeat(20_000)}</table>`),
    ends: ['too_much_text', 'timeout', 'memory'],
  },
  {
    name: 'twenty megabytes of elements',
    format: 'html',
    make: () => Buffer.from('<p>a<b>b</b>'.repeat(1_600_000)),
    ends: ['too_much_text', 'timeout', 'memory'],
  },
  {
    name: 'an attribute without end',
    format: 'html',
    make: () => Buffer.from(`<p>Blankets</p><a href="${'x'.repeat(15 * megabyte)}">`),
    ends: ['read'],
  },
  {
    name: 'quotes in quotes in quotes',
    format: 'markdown',
    make: () => Buffer.from(`${'>'.repeat(50_000)} Blankets`),
    ends: ['damaged', 'timeout', 'memory'],
  },
  {
    name: 'brackets that never close',
    format: 'markdown',
    make: () => Buffer.from(`Blankets ${'['.repeat(100_000)}`),
    ends: ['read', 'timeout', 'memory'],
  },
  {
    name: 'a row of a million cells',
    format: 'csv',
    make: () => Buffer.from(`${'a,'.repeat(megabyte)}\n${'b,'.repeat(megabyte)}`),
    ends: ['too_much_text', 'damaged', 'timeout', 'memory'],
  },
  {
    name: 'a cell that never ends',
    format: 'csv',
    make: () => Buffer.from(`a,b\n"${'x'.repeat(15 * megabyte)}`),
    ends: ['damaged', 'memory'],
  },
  {
    name: 'one line without end',
    format: 'text',
    make: () => Buffer.alloc(15 * megabyte, 'a'),
    ends: ['too_much_text'],
  },
];

/** Documents that were made to do harm; each made anew, since some are large. */
export const hostileDocuments: readonly HostileDocument[] = [...archives, ...pdfs, ...texts];
