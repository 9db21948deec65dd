import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { docsSite } from './docs-site.ts';
import { sourcesOf } from './read-sources.ts';
import { hasSharedData, sharedData } from './shared-data.ts';
import { startWebSite, type WebSite } from './web-site.ts';

/**
 * One bot knows PDFs of other people's programs and the documentation as a web site, and is asked as people ask, in the
 * language of the texts and in others: `builtin` answers, and its citations lead to where that stands.
 */

const fallback = 'I do not know that.';
const locked = 'libreoffice-writer-password.pdf';
const documents = hasSharedData ? readdirSync(sharedData('documents')).filter((name) => name.endsWith('.pdf')) : [];

let site: WebSite;
let server: Server;
let sources: ReturnType<typeof sourcesOf>;
let botId: string;

const upload = async (name: string) => {
  const body = new FormData();
  const bytes = new Uint8Array(readFileSync(sharedData(`documents/${name}`)));
  body.append('file', new Blob([bytes], { type: 'application/pdf' }), name);
  const response = await fetch(`${server.url}/v1/bots/${botId}/sources`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}` },
    body,
  });
  const source = (await response.json()) as { id: string };
  expect(response.status, JSON.stringify(source)).toBe(201);
  return sources.settled(botId, source.id);
};

beforeAll(async () => {
  if (!hasSharedData) return;
  site = await startWebSite(docsSite());
  server = await boot({ env: { PARLEY_OUTBOUND_ALLOW: site.origin, PARLEY_CRAWL_DELAY_MS: '0' } });
  sources = sourcesOf(server);
  botId = await server.makeBot({ fallback });
});
afterAll(async () => {
  await server?.close();
  await site?.close();
});

type Citation = { title: string; url: string | null; page: number | null; headings: string[]; quote: string };

const ask = async (message: string): Promise<{ text: string; citations: Citation[]; outcome: string }> => {
  // each by somebody else, so that no question goes on from another
  const user = `reader-${Buffer.from(message).toString('hex').slice(0, 100)}`;
  const { status, body, text } = await server.send('POST', '/v1/chat', {
    body: { bot_id: botId, user_id: user, message },
  });
  expect(status, text).toBe(200);
  return { text: body.reply.content, citations: body.reply.citations, outcome: body.finish_reason };
};

describe.skipIf(!hasSharedData)('a bot that was fed with documents and a site', () => {
  it('has read all but the one behind a password, which says so', async () => {
    expect(documents.length).toBeGreaterThanOrEqual(6);
    for (const name of documents.filter((other) => other !== locked)) {
      expect(await upload(name), name).toMatchObject({ status: 'ready', error: null });
    }
    expect(await upload(locked)).toMatchObject({
      status: 'failed',
      error: 'The document is protected by a password. Save a copy without one, and add that.',
    });
    const count = Object.keys(site.pages).length;
    expect(await sources.add(botId, { type: 'site', url: `${site.origin}/docs/` })).toMatchObject({
      status: 'ready',
      error: null,
      pages: { known: count, done: count, failed: 0 },
    });
  });

  it.each([
    ['What is the capital of Finland?', 'Helsinki', 'multicolumn.pdf', 3],
    ['Which official language does Belgium have?', 'Dutch, French, German', 'multicolumn.pdf', 3],
    ['Should errors pass silently?', 'never', 'PDF Example Document', 1],
    ['Are namespaces a good idea?', 'honking great', 'PDF Example Document', 1],
    ['¿Cuál es la capital de Austria?', 'Vienna', 'multicolumn.pdf', 3],
    ['¿Qué área en km² tiene Belgium?', '30,689', 'multicolumn.pdf', 3],
  ])('answers "%s" with "%s", and names the page of the PDF', async (question, answer, title, page) => {
    const { text, citations } = await ask(question);
    expect(text).toContain(answer);
    const [heading] = title === 'multicolumn.pdf' ? ['Two-Column Document with Lorem Ipsum'] : ['Example document'];
    expect(citations[0]).toMatchObject({ title, page, url: null, headings: expect.arrayContaining([heading]) });
  });

  it('says once what stands on every page of a PDF', async () => {
    const { text, citations } = await ask('What does blind text tell me about the font?');
    expect(text.match(/impression of the look/g)).toHaveLength(1);
    expect(citations[0]?.title).toBe('pdflatex-4-pages.pdf');
    expect([1, 2, 3, 4]).toContain(citations[0]?.page);
  });

  it.each([
    ['What does ParleyBot do with robots.txt?', 'RFC 9309', 'Crawling', 'knowledge#crawling'],
    ['What is the min_score for?', '0.4', 'Scores and min_score', 'knowledge#scores-and-min_score'],
    ['Where can I see what the model was shown for a reply?', 'receipt', 'Look back', 'quickstart#look-back'],
    ['¿Qué hace ParleyBot con robots.txt?', 'RFC 9309', 'Crawling', 'knowledge#crawling'],
    ['¿Para qué sirve min_score en builtin?', '0.4', 'Scores and min_score', 'knowledge#scores-and-min_score'],
    ['¿Qué valor tiene PARLEY_CRAWL_DELAY_MS?', '500', 'Sources of knowledge', 'configuration#sources-of-knowledge'],
    ['Was macht ParleyBot mit robots.txt?', 'RFC 9309', 'Crawling', 'knowledge#crawling'],
  ])('answers "%s" with "%s", and leads to the heading on the site', async (question, answer, heading, place) => {
    const { text, citations } = await ask(question);
    expect(text).toContain(answer);
    const [name] = place.split('#');
    const cited = citations.find(({ url }) => url === `${site.origin}/docs/${place}`);
    expect(cited, JSON.stringify(citations)).toMatchObject({ page: null, headings: expect.arrayContaining([heading]) });
    expect(cited?.title.toLowerCase()).toContain(name);
    // the anchor is one that the page has
    const page = site.pages[`/docs/${name}`];
    expect(page).toContain(`id="${place.slice(place.indexOf('#') + 1)}"`);
  });

  it.each(['Wie viele Menschen wohnen in der Stadt?', '¿Cómo borro los datos de una persona?'])(
    'says to "%s" that it does not know, since nothing of it stands there in the same words',
    async (question) => {
      expect(await ask(question)).toEqual({ text: fallback, citations: [], outcome: 'fallback' });
    },
  );
});
