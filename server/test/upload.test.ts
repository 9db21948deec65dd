import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { makePdf, textContent } from './documents/make-pdf.ts';
import { sourcesOf } from './read-sources.ts';
import { htmlPage } from './web-site.ts';

/** Files as sources of knowledge: sent as forms, kept in parts, read, and gone when they are deleted. */

let server: Server;
let sources: ReturnType<typeof sourcesOf>;
let botId: string;

beforeAll(async () => {
  server = await boot({ env: { PARLEY_MAX_FILE_BYTES: '1000000' } });
  sources = sourcesOf(server);
});
afterAll(() => server.close());
beforeEach(async () => {
  botId = await server.makeBot();
});

type Form = [name: string, value: string | Blob, fileName?: string][];

type Answer = {
  id: string;
  type: string;
  title: string;
  status: string;
  error: { code: string; param: string | null; message: string };
};

const send = async (form: Form, headers: Record<string, string> = {}) => {
  const body = new FormData();
  for (const [name, value, fileName] of form) {
    if (typeof value === 'string') body.append(name, value);
    else body.append(name, value, fileName);
  }
  return post(body, headers);
};
const post = async (body: FormData | string, headers: Record<string, string>) => {
  const response = await fetch(`${server.url}/v1/bots/${botId}/sources`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}`, ...headers },
    body,
  });
  return { status: response.status, body: (await response.json()) as Answer, headers: response.headers };
};
const file = (text: string, type = 'text/markdown'): Blob => new Blob([text], { type });
const markdown = file('# Care\n\nWash a blanket of wool by hand, in cold water.');
const left = async (sourceId: string): Promise<string[]> => {
  const tables = [
    'sources',
    'source_contents',
    'source_bytes',
    'source_pages',
    'chunks',
    'postings',
    'retired_versions',
  ];
  const found: string[] = [];
  for (const table of tables) {
    const column = table === 'sources' ? 'id' : 'source_id';
    const rows = await server.query(`select 1 from ${table} where ${column} = '${sourceId}'`);
    if (rows.length > 0) found.push(table);
  }
  return found;
};

describe('a file', () => {
  it('is read, and found under the title that it was given', async () => {
    const { status, body } = await send([
      ['title', 'Wool – Über Pflege'],
      ['file', markdown, 'care.md'],
    ]);
    expect([status, body.type, body.title, body.status]).toEqual([201, 'file', 'Wool – Über Pflege', 'queued']);
    expect(await sources.settled(botId, body.id)).toMatchObject({ status: 'ready', chunk_count: 1, url: null });
    const [found] = await sources.search(botId, 'How do I wash wool?');
    expect(found).toMatchObject({ headings: ['Care'], url: null });
    expect(await sources.pages(botId, body.id)).toMatchObject([
      { url: null, status: 'ready', warnings: [], chunk_count: 1 },
    ]);
  });

  it('is cited under a title that it was given, or else under its own', async () => {
    const titles = [];
    for (const [given, water] of [
      ['Care of wool', 'cold'],
      [null, 'lukewarm'],
    ] as const) {
      const page = file(htmlPage('Untitled-2 final', `Wash wool by hand, in ${water} water.`), 'text/html');
      const { body } = await send([...(given ? [['title', given] as [string, string]] : []), ['file', page, 'c.html']]);
      await sources.settled(botId, body.id);
      const [own] = await sources.pages(botId, body.id);
      titles.push([body.title, own?.title]);
      expect((await sources.search(botId, 'How do I wash wool?')).map(({ title }) => title)).toContain(
        given ?? 'Untitled-2 final',
      );
    }
    expect(titles).toEqual([
      ['Care of wool', null],
      ['c.html', 'Untitled-2 final'],
    ]);
  });

  it('of which some is passed over says so', async () => {
    const pdf = makePdf({ contents: [textContent(['Wash wool by hand, in cold water.']), '0 0 9 9 re f', ''] });
    const { body } = await send([['file', new Blob([new Uint8Array(pdf)], { type: 'application/pdf' }), 'care.pdf']]);
    expect(await sources.settled(botId, body.id)).toMatchObject({ status: 'ready', error: null });
    expect(await sources.pages(botId, body.id)).toMatchObject([
      { status: 'ready', error: null, warnings: [expect.stringMatching(/^Pages 2, 3 had no text/)] },
    ]);
  });

  it.each([
    ['care.md', 'care.md'],
    ['C:\\\\Users\\\\me\\\\Pflege für Wolle.md', 'Pflege für Wolle.md'],
    ['../../etc/passwd.md', 'passwd.md'],
    ['bad\u202ename.md', 'badname.md'],
    ['two\u00a0  blanks.md', 'two blanks.md'],
  ])('called %s has the title %s', async (name, title) => {
    expect((await send([['file', markdown, name]])).body.title).toBe(title);
  });

  it('of several pages tells on which one a passage stands', async () => {
    const pdf = await readFile(join(import.meta.dirname, '../../../shared/data/documents/multicolumn.pdf')).catch(
      () => null,
    );
    const bytes = pdf ?? Buffer.from(twoPagePdf());
    const { body } = await send([['file', new Blob([Uint8Array.from(bytes)], { type: 'application/pdf' }), 'a.pdf']]);
    expect(await sources.settled(botId, body.id)).toMatchObject({ status: 'ready', error: null });
    const pages = await server.query(`select distinct page from chunks where source_id = '${body.id}'`);
    expect(pages.length).toBeGreaterThan(0);
    expect(pages.every((row) => Number((row as { page: unknown }).page) >= 1)).toBe(true);
  });

  it('is kept in parts and comes back whole when it is read again', async () => {
    const text = Array.from(
      { length: 1_200 },
      (_, at) => `# Item x${at}\nIt costs ${at} lari and is made of wool${', of more wool'.repeat(15)}.\n`,
    ).join('\n');
    const { status, body } = await send([['file', file(text), 'list.md']]);
    expect(status).toBe(201);
    expect(Buffer.byteLength(text)).toBeGreaterThan(262_144);
    const parts = await server.query(`select part from source_bytes where source_id = '${body.id}'`);
    expect(parts).toHaveLength(Math.ceil(Buffer.byteLength(text) / 262_144));
    await sources.settled(botId, body.id);
    const ids = async () =>
      (await server.query(`select id from chunks where source_id = '${body.id}' order by id`)).map((row) => row['id']);
    const before = await ids();
    expect(await sources.refresh(botId, body.id)).toMatchObject({ status: 'ready' });
    // what the new version replaced is removed behind it
    await expect.poll(ids).toEqual(before);
    expect((await sources.search(botId, 'x1199'))[0]?.text).toContain('1199');
  });

  it('that is deleted leaves no row behind', async () => {
    const { body } = await send([['file', markdown, 'care.md']]);
    await sources.settled(botId, body.id);
    expect(await left(body.id)).toContain('source_bytes');
    expect((await server.send('DELETE', sources.path(botId, body.id))).status).toBe(200);
    await expect.poll(() => left(body.id)).toEqual([]);
  });

  it('that goes with its bot leaves no row behind', async () => {
    const { body } = await send([['file', markdown, 'care.md']]);
    await sources.settled(botId, body.id);
    expect((await server.send('DELETE', `/v1/bots/${botId}?confirm=Bot`)).status).toBe(200);
    await expect.poll(() => left(body.id)).toEqual([]);
  });

  it('sent twice under one Idempotency-Key is one source; another file under it is refused', async () => {
    const headers = { 'idempotency-key': `key-${botId}` };
    const first = await send([['file', markdown, 'care.md']], headers);
    const again = await send([['file', markdown, 'care.md']], headers);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const other = await send([['file', file('# Else\n\nOther.'), 'care.md']], headers);
    expect([other.status, other.body.error.code]).toEqual([422, 'idempotency_mismatch']);
    const renamed = await send([['file', markdown, 'other.md']], headers);
    expect(renamed.status).toBe(422);
    expect((await server.send('GET', `/v1/bots/${botId}/sources`)).body.data).toHaveLength(1);
    // nothing was kept for what was refused or repeated
    const kept = await server.query(`select distinct source_id from source_bytes where bot_id = '${botId}'`);
    expect(kept).toHaveLength(1);
  });
});

/** A PDF by hand, for where the shared documents are not at hand. */
const twoPagePdf = (): string => {
  const page = (number: number, text: string): string[] => [
    `<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Resources<</Font<</F 3 0 R>>>>/Contents ${number} 0 R>>`,
    `<</Length ${text.length + 30}>>stream\nBT /F 12 Tf 20 200 Td (${text}) Tj ET\nendstream`,
  ];
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[4 0 R 6 0 R]/Count 2>>',
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
    ...page(5, 'Blankets are made of wool.'),
    ...page(7, 'They are washed by hand.'),
  ];
  let pdf = '%PDF-1.4\n';
  const offsets = objects.map((object, at) => {
    const offset = pdf.length;
    pdf += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const start = pdf.length;
  pdf += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  pdf += offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  return `${pdf}trailer<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${start}\n%%EOF`;
};

describe('what is refused', () => {
  it.each<[string, Form, number, string, string | null]>([
    ['no file', [['title', 'x']], 400, 'invalid_request', 'file'],
    ['an empty file', [['file', file(''), 'a.md']], 400, 'invalid_request', 'file'],
    ['a file under another name', [['upload', markdown, 'a.md']], 400, 'unknown_field', 'upload'],
    [
      'an unknown field',
      [
        ['titel', 'x'],
        ['file', markdown, 'a.md'],
      ],
      400,
      'unknown_field',
      'titel',
    ],
    [
      'an empty title',
      [
        ['title', ''],
        ['file', markdown, 'a.md'],
      ],
      400,
      'invalid_request',
      'title',
    ],
    [
      'a title that is too long',
      [
        ['title', 'x'.repeat(301)],
        ['file', markdown, 'a.md'],
      ],
      400,
      'invalid_request',
      'title',
    ],
    [
      'a title twice',
      [
        ['title', 'x'],
        ['title', 'y'],
        ['file', markdown, 'a.md'],
      ],
      400,
      'invalid_request',
      null,
    ],
    [
      'two files',
      [
        ['file', markdown, 'a.md'],
        ['file', markdown, 'b.md'],
      ],
      400,
      'invalid_request',
      null,
    ],
    ['a file that is too large', [['file', file('x'.repeat(1_000_001)), 'a.md']], 413, 'body_too_large', null],
    ['a picture', [['file', file('\u0089PNG\r\n\u001a\n\0\0', 'image/png'), 'a.png']], 400, 'invalid_request', 'file'],
    [
      'what is not what it is called',
      [['file', file('no PDF', 'application/pdf'), 'a.pdf']],
      400,
      'invalid_request',
      'file',
    ],
    [
      'a field without end',
      [
        ['title', 'x'.repeat(100_000)],
        ['file', markdown, 'a.md'],
      ],
      400,
      'invalid_request',
      null,
    ],
    [
      'fields without end',
      Array.from({ length: 50 }, (_, at): Form[number] => [`f${at}`, 'x']),
      400,
      'invalid_request',
      null,
    ],
  ])('%s', async (_case, form, status, code, param) => {
    const { status: got, body } = await send(form);
    expect([got, body.error.code, body.error.param]).toEqual([status, code, param]);
    expect((await server.send('GET', `/v1/bots/${botId}/sources`)).body.data).toEqual([]);
    expect(await server.query(`select 1 from source_bytes where bot_id = '${botId}'`)).toEqual([]);
  });

  it.each([
    [
      'a form that ends too early',
      'multipart/form-data; boundary=x',
      '--x\r\ncontent-disposition: form-data; name="file"; filename="a.md"\r\n\r\nabc',
    ],
    ['a form without a boundary', 'multipart/form-data', 'abc'],
    ['a form that is none', 'multipart/form-data; boundary=x', 'abc'],
  ])('%s', async (_case, type, text) => {
    const { status, body } = await post(text, { 'content-type': type });
    expect([status, body.error.code]).toEqual([400, 'invalid_request']);
  });

  it('a file that is too large, with the size that it may have', async () => {
    const { body } = await send([['file', file('x'.repeat(1_000_001)), 'a.md']]);
    expect(body.error.message).toBe('The file may have at most 1000000 bytes.');
  });

  it('a form for a route that takes none', async () => {
    const body = new FormData();
    body.append('name', 'x');
    const headers = { authorization: `Bearer ${server.key}` };
    const response = await fetch(`${server.url}/v1/bots`, { method: 'POST', headers, body });
    expect(response.status).toBe(415);
  });

  it('and what is no form and no JSON is refused with both that are taken', async () => {
    const response = await fetch(`${server.url}/v1/bots/${botId}/sources`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key}`, 'content-type': 'text/plain' },
      body: 'Wool.',
    });
    expect(response.status).toBe(415);
    const { detail } = (await response.json()) as { detail: string };
    expect(detail).toContain('application/json');
    expect(detail).toContain('multipart/form-data');
  });

  it('a file from somebody who may not write, or for a bot of somebody else', async () => {
    const strange = await server.send('POST', '/v1/keys', { body: { name: 'r', scopes: ['bots:read'] } });
    const headers = { authorization: `Bearer ${strange.body.secret}` };
    expect((await send([['file', markdown, 'a.md']], headers)).status).toBe(403);
    botId = botId.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    expect((await send([['file', markdown, 'a.md']])).status).toBe(404);
  });
});
