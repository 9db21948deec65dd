import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { boot, type Server } from './boot.ts';

let server: Server;
let botId: string;

const texts: [title: string, text: string][] = [
  ['Blankets', 'The wool blanket in white costs 80 lari. The wool blanket in blue costs 95 lari.'],
  ['Towels', 'The cotton towel in blue costs 12 lari. The cotton towel in white costs 9 lari.'],
  ['Decken', 'Die Wolldecke in Weiß kostet 80 Lari. Die Wolldecke in Grün kostet 97 Lari.'],
];

/** What customers ask in a language, and what another question after the first is answered with. */
const faqs: {
  language: string;
  items: { question: string; answer: string }[];
  turns: [message: string, answer: string][];
}[] = [
  {
    language: 'en',
    items: [
      { question: 'How long does delivery take?', answer: 'Delivery takes two working days within Georgia.' },
      { question: 'How long can I return a blanket?', answer: 'You may return an unused blanket for thirty days.' },
      { question: 'Who founded the workshop?', answer: 'Nino Beridze founded it in 1998.' },
    ],
    turns: [
      ['How long does delivery take?', 'two working days'],
      ['And a return?', 'thirty days'],
      ['And delivery?', 'two working days'],
    ],
  },
  {
    language: 'es',
    items: [
      { question: '¿Cuánto tarda la entrega?', answer: 'La entrega tarda dos días laborables.' },
      { question: '¿Cuánto tiempo tengo para una devolución?', answer: 'Aceptamos devoluciones durante treinta días.' },
      { question: '¿Quién fundó el taller?', answer: 'Nino Beridze lo fundó en 1998.' },
    ],
    turns: [
      ['¿Cuánto tarda la entrega?', 'dos días laborables'],
      ['¿Y una devolución?', 'treinta días'],
      ['¿Y quién fundó el taller?', '1998'],
    ],
  },
  {
    language: 'de',
    items: [
      { question: 'Wie lange dauert die Lieferung?', answer: 'Die Lieferung dauert zwei Werktage.' },
      { question: 'Wie lange kann ich eine Decke zurückgeben?', answer: 'Die Rückgabe ist dreißig Tage lang möglich.' },
      { question: 'Wer hat die Werkstatt gegründet?', answer: 'Nino Beridze hat sie 1998 gegründet.' },
    ],
    turns: [
      ['Wie lange dauert die Lieferung?', 'zwei Werktage'],
      ['Und die Rückgabe?', 'dreißig Tage'],
    ],
  },
  {
    language: 'zh',
    items: [
      { question: '送货需要多长时间？', answer: '送货需要两个工作日。' },
      { question: '多长时间内可以退货？', answer: '三十天内可以退货。' },
      { question: '谁创办了这家作坊？', answer: '作坊由尼诺于1998年创办。' },
    ],
    turns: [
      ['送货需要多长时间？', '两个工作日'],
      ['那退货呢？', '三十天'],
    ],
  },
];

/** Longer than a reply may be. */
const pages: [title: string, text: string][] = [
  [
    'Delivery',
    'We send parcels from our workshop on every working day. Delivery of an order takes two working days within Georgia. ' +
      'To other countries a parcel travels for up to two weeks. An order that leaves us on a Friday arrives on Tuesday. ' +
      'You get a number with which the parcel can be followed until it is at your door. Whoever is not at home finds it ' +
      'at the next post office, where it is kept for a week. We ask for no signature, and you may name a neighbour.',
  ],
  [
    'Returns',
    'Not everything that looks well in a picture looks well at home. A return is possible for thirty days if the blanket ' +
      'is unused. Wrap it as you received it, and add the note that came with it. We pay back what you paid as soon as ' +
      'the parcel is here, and by the way by which you paid. Washed blankets stay with you. What was made to measure can ' +
      'be exchanged for another size, once, within the same thirty days. Gifts are exchanged against a voucher.',
  ],
];

const bringIn = async (): Promise<Map<string, string>> => {
  const bots = new Map<string, string>();
  for (const { language, items } of faqs) {
    const { body: bot } = await server.send('POST', '/v1/bots', { body: { name: 'Shop', model: 'builtin', language } });
    await server.send('POST', `/v1/bots/${bot.id}/sources`, { body: { type: 'faq', title: 'FAQ', items } });
    bots.set(language, bot.id);
  }
  const { body: bot } = await server.send('POST', '/v1/bots', { body: { name: 'Shop', model: 'builtin' } });
  for (const [title, text] of pages) {
    await server.send('POST', `/v1/bots/${bot.id}/sources`, { body: { type: 'text', title, text } });
  }
  return bots.set('pages', bot.id);
};

let botOf: Map<string, string>;

const untilReady = async (of: string): Promise<void> => {
  const statuses = async (): Promise<string[]> =>
    (await server.send('GET', `/v1/bots/${of}/sources`)).body.data.map(({ status }: { status: string }) => status);
  await vi.waitUntil(async () => (await statuses()).every((status) => status === 'ready'), { timeout: 15_000 });
};

beforeAll(async () => {
  server = await boot();
  botOf = await bringIn();
  const { body: bot } = await server.send('POST', '/v1/bots', { body: { name: 'Shop', model: 'builtin' } });
  botId = bot.id;
  for (const [title, text] of texts) {
    await server.send('POST', `/v1/bots/${botId}/sources`, { body: { type: 'text', title, text } });
  }
  for (const of of [botId, ...botOf.values()]) await untilReady(of);
});
afterAll(() => server.close());

const say = async (userId: string, message: string, of = botId) =>
  (await server.send('POST', '/v1/chat', { body: { bot_id: of, user_id: userId, message } })).body;
const receiptOf = async (turnId: string) => (await server.send('GET', `/v1/turns/${turnId}/context`)).body;

describe('a follow-up', () => {
  it.each([
    ['English', 'How much is the wool blanket in white?', 'And in blue?', '95 lari'],
    ['German', 'Was kostet die Wolldecke in Weiß?', 'Und in Grün?', '97 Lari'],
  ])('is answered with its conversation, in %s', async (language, first, second, answer) => {
    await say(language, first);
    const turn = await say(language, second);
    expect(turn.reply.content).toContain(answer);
    expect(turn.finish_reason).toBe('stop');
  });

  it.each(faqs)('is not answered with what was asked before, in $language', async ({ language, turns }) => {
    for (const [message, answer] of turns) {
      expect((await say('mariam', message, botOf.get(language))).reply.content).toContain(answer);
    }
  });

  it('is answered with sentences of the page that it asks about', async () => {
    const pagesBot = botOf.get('pages');
    expect((await say('levan', 'How long does delivery of an order take?', pagesBot)).reply.content).toContain('two');
    const { reply } = await say('levan', 'And a return?', pagesBot);
    expect(reply.content).toContain('thirty days');
    expect(reply.content).not.toContain('parcel travels');
    expect(reply.content).not.toContain('Delivery of an order');
  });

  it('says in its receipt which messages were searched for, and which passages the reply cites', async () => {
    await say('nino', 'How much is the wool blanket in white?');
    const turn = await say('nino', 'And in blue?');
    const receipt = await receiptOf(turn.id);
    const items = receipt.sections.flatMap((section: { items: unknown[] }) => section.items);
    const searched = items.filter((item: { searched?: boolean }) => item.searched);
    expect(searched).toEqual([expect.objectContaining({ text: 'How much is the wool blanket in white?' })]);
    const knowledge = receipt.sections.find(({ kind }: { kind: string }) => kind === 'knowledge');
    expect(receipt.cited).toEqual([knowledge.items[0].chunk_id]);
  });
});

it('a reply that cites nothing says so in its receipt', async () => {
  const turn = await say('levan', 'Hello');
  expect(turn.reply.citations).toEqual([]);
  expect((await receiptOf(turn.id)).cited).toEqual([]);
  const unknown = await say('levan', 'Which opera did Verdi write for Egypt in the nineteenth century?');
  expect(unknown.finish_reason).toBe('fallback');
  expect((await receiptOf(unknown.id)).cited).toEqual([]);
});
