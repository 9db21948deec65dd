import { afterAll, beforeAll, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { sourcesOf } from './read-sources.ts';

/** Titles and headings are one line of what can be seen, whoever wrote them, wherever they are shown. */

const spoiled = ' Deli\u0007very\n to\u202e\tBatumi\u2028now\u200b ';
const clean = 'Delivery to Batumi now';

let server: Server;
let sources: ReturnType<typeof sourcesOf>;

beforeAll(async () => {
  server = await boot();
  sources = sourcesOf(server);
});
afterAll(() => server.close());

const upload = async (botId: string, text: string, fields: Record<string, string> = {}) => {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  body.append('file', new Blob([text]), 'page.html');
  const headers = { authorization: `Bearer ${server.key}` };
  return fetch(`${server.url}/v1/bots/${botId}/sources`, { method: 'POST', headers, body });
};

const ask = async (botId: string, message: string) =>
  (await server.send('POST', '/v1/chat', { body: { bot_id: botId, message, user_id: 'titles' } })).body.reply;

it('a title and a heading that are given come back clean, in citations too', async () => {
  const botId = await server.makeBot();
  const text = `# Pri\u202eces\u0007 in  lari\n\nA parcel to Batumi costs five lari.`;
  expect(await sources.add(botId, { type: 'text', title: spoiled, text })).toMatchObject({ title: clean });
  const question = 'How long is a\u202e parcel\u0007 under way?';
  await sources.add(botId, { type: 'faq', title: spoiled, items: [{ question, answer: 'Two working days.' }] });
  const costs = await ask(botId, 'What does a parcel to Batumi cost?');
  expect(costs.citations[0]).toMatchObject({ title: clean, headings: ['Prices in lari'] });
  const [found] = await sources.search(botId, 'How long is a parcel under way?');
  expect(found).toMatchObject({ title: clean, headings: ['How long is a parcel under way?'] });
});

it('a title that a document has of its own, and one that is given with a file, too', async () => {
  const botId = await server.makeBot();
  const page = `<title>${spoiled}</title><p>A parcel to Batumi costs five lari.</p>`;
  const own = (await (await upload(botId, page)).json()) as { id: string };
  expect((await sources.settled(botId, own.id)).status).toBe('ready');
  expect((await ask(botId, 'What does a parcel to Batumi cost?')).citations[0].title).toBe(clean);
  expect(await (await upload(botId, page, { title: spoiled })).json()).toMatchObject({ title: clean });
});

it('a title of which nothing can be seen is refused, and leaves nothing behind', async () => {
  const botId = await server.makeBot();
  const nothing = ' \u0007\u202e\n';
  const given = await server.send('POST', `/v1/bots/${botId}/sources`, {
    body: { type: 'text', title: nothing, text: 'Five lari.' },
  });
  expect([given.status, given.body.error.code, given.body.error.param]).toEqual([400, 'invalid_request', 'title']);
  expect((await upload(botId, '<p>Five lari.</p>', { title: nothing })).status).toBe(400);
  expect((await server.send('GET', `/v1/bots/${botId}/sources`)).body.data).toEqual([]);
  expect(await server.query(`select 1 from source_bytes where bot_id = '${botId}'`)).toEqual([]);
});

it('a title has 300 characters at most', async () => {
  const botId = await server.makeBot();
  const title = 'x'.repeat(300);
  expect((await sources.add(botId, { type: 'text', title, text: 'Five lari.' })).title).toBe(title);
  const longer = { type: 'text', title: `${title}x`, text: 'Five lari.' };
  expect((await server.send('POST', `/v1/bots/${botId}/sources`, { body: longer })).status).toBe(400);
});
