import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { boot, type Server } from './boot.ts';

const stock = `sku;name;color;price;stock
B-100;Kazbegi rugs;grey;250 GEL;in stock
B-200;Svaneti blankets;red and black;310 GEL;sold out until May
B-300;Tusheti cushions;brown;48 GEL;3 left
B-400;Adjara scarves;blue;90 GEL;in stock
B-500;Imereti baskets;straw;35 GEL;in stock
B-600;Kakheti jugs;red;60 GEL;in stock
B-700;Guria bowls;black;25 GEL;2 left
B-800;Racha spoons;oak;12 GEL;in stock
B-900;Samegrelo tablecloths;blue;75 GEL;in stock
`;
const wholeRow = 'sku: B-200; name: Svaneti blankets; color: red and black; price: 310 GEL; stock: sold out until May';

const description = Array.from({ length: 12 }, (_, at) => `It was woven by hand in ${at + 3} weeks of the winter.`);
const exported = `Handle,Title,Body (HTML),Vendor,Type,Published,Option1 Name,Option1 Value,Variant SKU,Variant Price
svaneti-blanket,Svaneti blanket,<p>${description.join(' ')}</p>,Workshop,Blankets,TRUE,Size,Small,SV-S,210
svaneti-blanket,,,,,,,Large,SV-L,310
kazbegi-blanket,Kazbegi blanket,<p>A light one.</p>,Workshop,Blankets,TRUE,Size,One size,KZ-1,90
tusheti-cushion,Tusheti cushion,<p>A thick one.</p>,Workshop,Cushions,TRUE,Size,One size,TU-1,48
`;

const handbook = `# Handbook

## Public holidays

| Public holiday | Date | Offices closed |
| --- | --- | --- |
| New Year | 1 January | all |
| Labour Day | 1 May | all; the one in Graz opens at noon. Ask before you come |
| Assumption | 15 August | Graz |

Ask the team of your office for anything else. The calendar in the hall shows them too.
`;

let server: Server;

/** A bot that knows a file, and how it answers. */
const knowing = async (name: string, text: string) => {
  const bot = (await server.send('POST', '/v1/bots', { body: { name: 'Shop' } })).body.id as string;
  const form = new FormData();
  form.append('file', new Blob([text]), name);
  const headers = { authorization: `Bearer ${server.key}` };
  await fetch(`${server.url}/v1/bots/${bot}/sources`, { method: 'POST', headers, body: form });
  const isReady = async (): Promise<boolean> =>
    (await server.send('GET', `/v1/bots/${bot}/sources`)).body.data[0].status === 'ready';
  await vi.waitUntil(isReady, { timeout: 15_000 });
  return async (message: string): Promise<{ content: string; citations: { quote: string }[] }> =>
    (await server.send('POST', '/v1/chat', { body: { bot_id: bot, message } })).body.reply;
};
type Asked = Awaited<ReturnType<typeof knowing>>;

beforeAll(async () => {
  server = await boot();
});
afterAll(() => server.close());

describe('of a CSV file builtin', () => {
  let ask: Asked;
  beforeAll(async () => {
    ask = await knowing('stock.csv', stock);
  });

  test.each([
    'What does the Svaneti blanket cost?',
    'What colour is the Svaneti blanket?',
    'Is the Svaneti blanket available?',
    'B-200',
  ])('answers "%s" with the whole row, and cites it', async (question) => {
    const { content, citations } = await ask(question);
    expect(content).toBe(wholeRow);
    expect(citations.map(({ quote }) => quote)).toEqual([wholeRow.replaceAll('; ', '\n')]);
  });
});

describe('of a row that is too long builtin', () => {
  let ask: Asked;
  beforeAll(async () => {
    ask = await knowing('export.csv', exported);
  });

  test('says the cell that fits with those around it, passes over a description, and cites the cell', async () => {
    const { content, citations } = await ask('Which price has the Svaneti blanket?');
    expect(content).toBe(
      'Handle: svaneti-blanket; Title: Svaneti blanket; …; Vendor: Workshop; Type: Blankets; Published: TRUE; ' +
        'Option1 Name: Size\n- Option1 Value: Small; Variant SKU: SV-S; Variant Price: 210\n' +
        '- Option1 Value: Large; Variant SKU: SV-L; Variant Price: 310',
    );
    expect(citations.map(({ quote }) => quote)).toEqual(['Title: Svaneti blanket']);
  });

  test('says no line twice where several rows answer', async () => {
    const { content } = await ask('What is the price of the Svaneti blanket and of the Kazbegi blanket?');
    expect(content).toContain('Handle: svaneti-blanket');
    expect(content).toContain('Handle: kazbegi-blanket');
    const lines = content.split('\n');
    expect(new Set(lines).size).toBe(lines.length);
  });
});

describe('of a table builtin', () => {
  let ask: Asked;
  beforeAll(async () => {
    ask = await knowing('handbook.md', handbook);
  });

  test('never answers with the head alone, but with the rows below it', async () => {
    const { content } = await ask('Which public holidays are there?');
    expect(content).toBe(
      [
        'Public holiday | Date | Offices closed',
        'New Year | 1 January | all',
        'Labour Day | 1 May | all; the one in Graz opens at noon. Ask before you come',
        'Assumption | 15 August | Graz',
      ].join('\n'),
    );
  });

  test('says the row that is asked about below the head, and a row of two sentences as one', async () => {
    const { content, citations } = await ask('Which offices are closed on the public holiday Labour Day?');
    expect(content.split('\n').slice(0, 2)).toEqual([
      'Public holiday | Date | Offices closed',
      'Labour Day | 1 May | all; the one in Graz opens at noon. Ask before you come',
    ]);
    expect(citations[0]?.quote).toMatch(/^Labour Day \|.*come$/);
  });
});
