import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasSharedData, sharedData } from '../../../test/shared-data.ts';
import { DocumentError, documentErrorCodes } from './document-error.ts';
import { decideFormat } from './document-format.ts';
import type { DocumentToParse } from './document-parser.ts';

const pdf = Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj', 'latin1');
const docx = Buffer.from('PK\x03\x04\x14\x00\x08\x08\x08\x00 word/document.xml', 'latin1');
const otherZip = Buffer.from('PK\x03\x04\x14\x00\x08\x08\x08\x00 xl/workbook.xml', 'latin1');
const oldOffice = Buffer.from('d0cf11e0a1b11ae1', 'hex');
const png = Buffer.from('89504e470d0a1a0a0000000d', 'hex');
const text = Buffer.from('Blankets are made by hand.');
const page = Buffer.from('\n<!DOCTYPE html><html><p>Blankets</p></html>');

const docxType = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

describe('the format of a document', () => {
  test.each([
    ['its name', 'Prices.PDF', null, pdf, 'pdf'],
    ['its name', 'a.docx', 'application/octet-stream', docx, 'docx'],
    ['its name', 'a.md', 'text/plain; charset=utf-8', text, 'markdown'],
    ['its name, where a system sends the type of its own program', 'a.csv', 'application/vnd.ms-excel', text, 'csv'],
    ['its type', null, docxType, docx, 'docx'],
    ['its type', 'index.php', 'text/html; charset=utf-8', text, 'html'],
    ['its type, which says more than the path of a URL', 'missing.pdf', 'text/html', page, 'html'],
    ['its bytes', null, null, pdf, 'pdf'],
    ['its bytes', 'upload', 'application/octet-stream', docx, 'docx'],
    ['its bytes', null, null, page, 'html'],
    ['its bytes', 'README', 'text/plain', text, 'text'],
    ['its bytes', null, null, Buffer.from('\xff\xfea\x00b\x00', 'latin1'), 'text'],
    ['its bytes, not the letters that an archive begins with', null, null, Buffer.from('PKW und LKW'), 'text'],
  ] as const)('is told from %s', (_by, name, mediaType, bytes, format) => {
    expect(decideFormat({ name, mediaType, bytes })).toBe(format);
  });

  test.skipIf(!hasSharedData)('of the PDFs of many programs is PDF', () => {
    const folder = sharedData('documents');
    const names = readdirSync(folder);
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) {
      const bytes = readFileSync(join(folder, name));
      expect(decideFormat({ name, mediaType: null, bytes })).toBe('pdf' satisfies DocumentToParse['format']);
    }
  });

  test.each([
    ['a PDF that calls itself text', 'a.txt', 'text/plain', pdf, 'format_mismatch'],
    ['text that calls itself a PDF', 'a.pdf', 'application/pdf', text, 'format_mismatch'],
    ['text that calls itself a DOCX', 'a.docx', null, text, 'format_mismatch'],
    ['a table that calls itself a DOCX', 'a.docx', docxType, otherZip, 'format_mismatch'],
    ['a PDF that calls itself a DOCX', 'a.docx', null, pdf, 'format_mismatch'],
    ['a picture that calls itself a page', 'a.html', 'text/html', png, 'format_mismatch'],
    ['bytes that call themselves text', 'a.txt', null, Buffer.from([1, 0, 2, 0]), 'format_mismatch'],
    ['a picture', 'a.png', 'image/png', png, 'unsupported'],
    ['a table of an office program', 'a.xlsx', 'application/octet-stream', otherZip, 'unsupported'],
    ['a type that is not read', null, 'application/zip', otherZip, 'unsupported'],
    ['a document in the format before DOCX', 'a.doc', 'application/msword', oldOffice, 'unsupported'],
    [
      'a DOCX with a password',
      'a.docx',
      docxType,
      Buffer.concat([oldOffice, Buffer.from('EncryptedPackage', 'utf16le')]),
      'encrypted',
    ],
    ['nothing', 'a.txt', 'text/plain', Buffer.alloc(0), 'empty'],
  ] as const)('%s is refused with a code', (_what, name, mediaType, bytes, code) => {
    const decide = (): unknown => decideFormat({ name, mediaType, bytes });
    expect(decide).toThrow(DocumentError);
    expect(decide).toThrow(expect.objectContaining({ code }));
  });

  test.each(['a\0.pdf', '../../../etc/passwd', `${'x'.repeat(4_096)}.txt`, 'CON', '‮fdp.txt', ''])(
    'is decided for any name: %j',
    (name) => {
      expect(['pdf', 'text']).toContain(
        decideFormat({ name, mediaType: 'application/octet-stream', bytes: name === 'a\0.pdf' ? pdf : text }),
      );
    },
  );
});

test('every reason for which a document is not read says what to do, or that nothing has to be done', () => {
  for (const code of documentErrorCodes) expect(new DocumentError(code).message).toMatch(/^[A-Z].*\.$/);
});
