import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DocumentError, type DocumentErrorCode } from '../src/core/knowledge/document-error.ts';
import type { DocumentParser } from '../src/core/knowledge/document-parser.ts';
import { createDocumentParser } from '../src/document/create-document-parser.ts';
import { hostileDocuments } from './documents/hostile-documents.ts';
import { makeDocx, paragraph } from './documents/make-docx.ts';
import { makePdf, textContent } from './documents/make-pdf.ts';

/** The processes that this one has started and that still run. */
const ownProcesses = (): string[] =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1').split(' ').filter(Boolean);

const honest = {
  workspaceId: 'honest',
  format: 'text',
  bytes: Buffer.from('Blankets'),
  name: null,
  url: null,
} as const;

describe('a document that was made to do harm', () => {
  // smaller than they are, so that the test does not take half an hour
  const parser: DocumentParser = createDocumentParser({ timeoutMs: 25_000, memoryBytes: 300_000_000, processes: 1 });
  afterAll(() => parser.close());

  test.each(hostileDocuments)(
    'of $format with $name ends in time, and the next is read',
    async ({ format, make, ends }) => {
      const end = await parser
        .parse({ workspaceId: null, format, bytes: make(), name: 'a\0/../\u202efdp.exe', url: 'https://example.org/' })
        .then(
          ({ blocks }) => (JSON.stringify(blocks).includes('Blankets') ? 'read' : 'read without its text'),
          (error: unknown) => (error as DocumentError).code,
        );
      expect(ends).toContain(end);
      expect((await parser.parse(honest)).blocks).toHaveLength(1);
      // the one that was ended may take a moment to be gone
      await expect.poll(() => ownProcesses().length).toBeLessThanOrEqual(1);
    },
  );
});

test('the server goes on, and reads another document, while one takes all the time it can get', async () => {
  const parser = createDocumentParser({ timeoutMs: 3_000, processes: 2 });
  let ticks = 0;
  const ticking = setInterval(() => (ticks += 1), 10);
  const endless = parser
    .parse({ workspaceId: null, format: 'html', bytes: Buffer.from('<div>'.repeat(300_000)), name: null, url: null })
    .then(
      () => 'read',
      (error: unknown) => (error as DocumentError).code,
    );
  const first = await Promise.race([endless, parser.parse(honest)]);
  expect(first).toMatchObject({ blocks: [{ text: 'Blankets' }] });
  expect(await endless).toBe('timeout');
  clearInterval(ticking);
  // of some 300; a server that waits has none
  expect(ticks).toBeGreaterThan(20);
  await parser.close();
});

test('a document that takes all the memory it can get is ended at the real limits, and its process with it', async () => {
  const parser = createDocumentParser();
  const hungry = makeDocx(paragraph('x').repeat(1_200_000));
  const other = parser.parse(honest);
  const error = await parser.parse({ workspaceId: null, format: 'docx', bytes: hungry, name: null, url: null }).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DocumentError);
  expect(['memory', 'timeout'] satisfies DocumentErrorCode[]).toContain((error as DocumentError).code);
  expect((await other).blocks).toHaveLength(1);
  await parser.close();
  await expect.poll(ownProcesses).toEqual([]);
});

describe('a document that points elsewhere', () => {
  const parser = createDocumentParser();
  let connections = 0;
  const canary = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  let origin = '';
  beforeAll(async () => {
    await new Promise<void>((done) => canary.listen(0, '127.0.0.1', done));
    origin = `http://127.0.0.1:${(canary.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    canary.close();
    await parser.close();
  });

  test('is read without a packet to there', async () => {
    const markup = `<html><head><base href="${origin}/"><link rel="stylesheet" href="/a.css"><meta http-equiv="refresh" content="0;url=${origin}"><script src="${origin}/a.js"></script></head>
      <body background="${origin}/b.png"><p>Blankets</p><img src="${origin}/i.png" srcset="${origin}/i2.png 2x"><iframe src="${origin}/f"></iframe><object data="${origin}/o"></object><svg><image xlink:href="${origin}/s.svg"/></svg><video src="${origin}/v"></video></body></html>`;
    const external = `<Relationship Id="x" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="${origin}/i.png" TargetMode="External"/><Relationship Id="t" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" Target="${origin}/t.dotx" TargetMode="External"/>`;
    const picture =
      '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill><a:blip r:link="x"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>';
    const documents = [
      { format: 'html', bytes: Buffer.from(markup) },
      { format: 'markdown', bytes: Buffer.from(`Blankets ![a](${origin}/m.png)\n\n<img src="${origin}/n.png">`) },
      { format: 'docx', bytes: makeDocx(paragraph('Blankets') + picture, { documentRelations: external }) },
      {
        format: 'pdf',
        bytes: makePdf({
          contents: [textContent(['Blankets'])],
          catalogue: `/OpenAction << /S /URI /URI (${origin}/u) >>`,
          page: `/AA << /O << /S /SubmitForm /F << /FS /URL /F (${origin}/s) >> >> >>`,
        }),
      },
    ] as const;
    for (const document of documents) {
      const { blocks } = await parser.parse({ workspaceId: null, ...document, name: null, url: `${origin}/page` });
      expect(JSON.stringify(blocks)).toContain('Blankets');
    }
    expect(connections).toBe(0);
  });
});
