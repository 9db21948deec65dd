import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { makeDocx, paragraph, table } from './documents/make-docx.ts';
import { sourcesOf } from './read-sources.ts';
import { hasSharedData, sharedData } from './shared-data.ts';

/** Real documents, from their upload to the citation that names their page. */

let server: Server;
let sources: ReturnType<typeof sourcesOf>;
let botId: string;

beforeAll(async () => {
  server = await boot();
  sources = sourcesOf(server);
  botId = await server.makeBot({ knowledge: { top_k: 5, min_score: 0, citations: 'separate' } });
});
afterAll(() => server.close());

const upload = async (name: string, bytes: Uint8Array) => {
  const body = new FormData();
  body.append('file', new Blob([Uint8Array.from(bytes)]), name);
  const response = await fetch(`${server.url}/v1/bots/${botId}/sources`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}` },
    body,
  });
  const source = (await response.json()) as { id: string };
  expect(response.status, JSON.stringify(source)).toBe(201);
  return sources.settled(botId, source.id);
};
const uploadSample = (name: string) => upload(name, readFileSync(sharedData(`documents/${name}`)));

it.skipIf(!hasSharedData)('a PDF is cited with the page and the headings of what it says', async () => {
  expect(await uploadSample('multicolumn.pdf')).toMatchObject({ status: 'ready', error: null });
  const [best] = await sources.search(botId, 'Copenhagen Denmark Danish');
  expect(best).toMatchObject({ page: 3, url: null });
  expect(best?.text).toContain('Denmark | 5.8 | 42,951 | Copenhagen | Danish');

  const { body: turn } = await server.send('POST', '/v1/chat', {
    body: { bot_id: botId, message: 'What language is official in Denmark, Copenhagen?', user_id: 'reader' },
  });
  expect(turn.reply.citations[0]).toMatchObject({
    title: 'multicolumn.pdf',
    page: 3,
    headings: expect.any(Array) as [],
  });
  expect(turn.reply.citations[0].quote).toBe('Denmark | 5.8 | 42,951 | Copenhagen | Danish');
  const { body: receipt } = await server.send('GET', `/v1/turns/${turn.id}/context`);
  const knowledge = receipt.sections.find((section: { kind: string }) => section.kind === 'knowledge');
  expect(knowledge.items[0]).toMatchObject({ page: 3, chunk_id: best?.chunk_id });
});

it.skipIf(!hasSharedData)('a PDF of several pages is found on the page where it stands', async () => {
  await uploadSample('pdflatex-4-pages.pdf');
  const found = await sources.search(botId, 'blind text huardest gefburn information');
  expect(new Set(found.map((passage) => passage.page)).size).toBeGreaterThan(1);
});

it('a DOCX document is found by its headings, and its table by its rows', async () => {
  const body = [
    paragraph('Cancellation', 'H1'),
    paragraph('Rooms are cancelled free of charge until noon of the day before.'),
    paragraph('Prices', 'H1'),
    table([
      ['Room', 'Price'],
      ['Attic', '45 EUR'],
    ]),
  ].join('');
  expect(await upload('rules.docx', makeDocx(body))).toMatchObject({ status: 'ready' });
  const [best] = await sources.search(botId, 'attic room price');
  expect(best).toMatchObject({ headings: ['Prices'], text: 'Room | Price\nAttic | 45 EUR', page: null });
});

it.skipIf(!hasSharedData)('a document that cannot be read says why, and what to do', async () => {
  expect(await uploadSample('libreoffice-writer-password.pdf')).toMatchObject({
    status: 'failed',
    error: 'The document is protected by a password. Save a copy without one, and add that.',
  });
});
