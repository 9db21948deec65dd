import { describe, expect, test } from 'vitest';
import { chunkText } from './chunk-text.ts';
import { findPassages } from './find-passages.ts';
import { isFollowUp, messagesLeanedOn, speaksOfEarlier } from './follow-up.ts';
import { indexPage } from './index-page.ts';
import type { KnowledgeReader, PlacedChunk, Posting } from './knowledge-store.ts';

test.each([
  'And in blue?',
  'Und in Blau?',
  '¿Y en azul?',
  'Et en bleu ?',
  'А в синем цвете?',
  'Ve mavi olanı?',
  '那蓝色的呢?',
  'What does it cost?',
  'وكم سعرها؟',
])('"%s" goes on from what was said before', (message) => {
  expect(isFollowUp(message)).toBe(true);
});

test.each([
  'How long does delivery of an order take?',
  'Wie lange dauert die Lieferung einer Decke?',
  '¿Cuánto tarda la entrega de una manta?',
  'Сколько стоит большое шерстяное одеяло?',
  '毛毯的保修期是多长时间?',
])('"%s" stands for itself', (message) => {
  expect(isFollowUp(message)).toBe(false);
});

const said = (role: string, text: string) => ({ role, text });

test('a question leans on the messages of the user back to one that stands for itself', () => {
  const first = said('user', 'How much does the large wool blanket cost?');
  const second = said('user', 'And in blue?');
  const history = [said('user', 'Who founded your old workshop?'), first, said('assistant', '90 lari.'), second];
  expect(messagesLeanedOn('And in red?', history)).toEqual([first, second]);
  expect(messagesLeanedOn('How long does delivery of an order take?', history)).toEqual([]);
  expect(messagesLeanedOn('And in red?', [])).toEqual([]);
});

test('a long talk of short messages is read back for three of them', () => {
  const history = Array.from({ length: 10 }, (_, at) => said('user', `And ${at}?`));
  expect(messagesLeanedOn('And that?', history)).toEqual(history.slice(-3));
});

test('courtesies are nothing to lean on, and make no question stand for itself', () => {
  const first = said('user', 'How much does the large wool blanket cost?');
  const polite = ['Thanks a lot!', 'ok', 'Vielen Dank', 'great, thank you'].map((text) => said('user', text));
  expect(messagesLeanedOn('Hello again, could you please tell me: and in red?', [first, ...polite])).toEqual([first]);
});

/** A knowledge base in memory, a source a text. */
const knowledgeOf = async (texts: readonly string[]) => {
  const postings = new Map<string, Posting[]>();
  const chunks = new Map<string, PlacedChunk>();
  const size = { chunks: 0, terms: 0, languages: [] as string[] };
  for (const [at, text] of texts.entries()) {
    const sourceId = `src_${at}`;
    const index = await indexPage({ sourceId, number: 0, url: null, title: 'Shop' }, await chunkText(text));
    size.chunks += index.size.chunks;
    size.terms += index.size.terms;
    size.languages = [...new Set([...size.languages, ...index.size.languages])];
    for (const { term, entries } of index.rows) {
      postings.set(term, [...(postings.get(term) ?? []), { sourceId, entries }]);
    }
    for (const chunk of index.chunks)
      chunks.set(sourceId, { chunk, source: { id: sourceId, title: 'Shop', url: null } });
  }
  const knowledge: Pick<KnowledgeReader, 'postings' | 'chunks'> = {
    postings: async (_workspaceId, _botId, { terms }) => new Map(terms.map((term) => [term, postings.get(term) ?? []])),
    chunks: async (_workspaceId, _botId, places) => places.flatMap(({ sourceId }) => chunks.get(sourceId) ?? []),
  };
  return { knowledge, size };
};

const search = async (texts: readonly string[], query: string, earlier?: string, { topK = 3, minScore = 0 } = {}) => {
  const { knowledge, size } = await knowledgeOf(texts);
  const request = { workspaceId: 'ws', botId: 'bot', size, query, topK, minScore };
  const { passages } = await findPassages(knowledge, earlier === undefined ? request : { ...request, earlier });
  return passages.map(({ source, score }) => ({ id: source.id, score }));
};

describe('a follow-up finds what it means', () => {
  test.each([
    [
      'English',
      ['The wool blanket in blue costs 95 lari.', 'The cotton towel in blue costs 12 lari.', 'We open at nine.'],
      'And in blue?',
      'How much is the wool blanket?',
    ],
    [
      'German',
      ['Die Wolldecke in Blau kostet 95 Lari.', 'Das Handtuch in Blau kostet 12 Lari.', 'Wir öffnen um neun.'],
      'Und in Blau?',
      'Was kostet die Wolldecke?',
    ],
    [
      'Spanish',
      ['La manta de lana en azul cuesta 95 laris.', 'La toalla en azul cuesta 12 laris.', 'Abrimos a las nueve.'],
      '¿Y en azul?',
      '¿Cuánto cuesta la manta de lana?',
    ],
    [
      'Russian',
      [
        'Шерстяное одеяло синего цвета стоит 95 лари.',
        'Полотенце синего цвета стоит 12 лари.',
        'Мы открываемся в девять.',
      ],
      'А синего цвета?',
      'Сколько стоит шерстяное одеяло?',
    ],
    ['Chinese', ['蓝色的羊毛毯九十五元。', '蓝色的毛巾十二元。', '我们九点开门。'], '那蓝色的呢?', '羊毛毯多少钱?'],
  ])('in %s', async (_language, texts, query, earlier) => {
    const [alone] = await search(texts.toReversed(), query);
    const [first, second] = await search(texts.toReversed(), query, earlier);
    expect(first?.id).toBe('src_2');
    expect(first?.score).toBeGreaterThan(second?.score ?? 1);
    expect(alone).toBeDefined();
  });
});

test.each([
  ['And a return?', false],
  ['那退货呢?', false],
  ['And is it washable?', true],
  ['那个多少钱?', true],
])('whether "%s" speaks of what was named before: %s', (message, speaks) => {
  expect(speaksOfEarlier(message)).toBe(speaks);
});

describe('another question after the first', () => {
  test.each([
    [
      'English',
      [
        '# How long does delivery take?\n\nTwo days.',
        '# How long can I return a blanket?\n\nThirty days.',
        'We open at nine.',
      ],
      'How long does delivery take?',
      'And a return?',
    ],
    [
      'Spanish',
      [
        '# ¿Cuánto tarda la entrega?\n\nDos días.',
        '# ¿Cuándo se acepta una devolución?\n\nTreinta días.',
        'Abrimos a las nueve.',
      ],
      '¿Cuánto tarda la entrega?',
      '¿Y una devolución?',
    ],
    [
      'Russian',
      [
        '# Сколько длится доставка?\n\nДва дня.',
        '# Сколько дней есть на возврат?\n\nТридцать дней.',
        'Мы открываемся в девять.',
      ],
      'Сколько длится доставка?',
      'А возврат?',
    ],
    [
      'Chinese',
      ['# 送货需要多长时间?\n\n两个工作日。', '# 多长时间内可以退货?\n\n三十天。', '我们九点开门。'],
      '送货需要多长时间?',
      '那退货呢?',
    ],
  ])('is not answered with the first, in %s', async (_language, texts, earlier, query) => {
    const [first, second] = await search(texts, query, earlier);
    expect(first?.id).toBe('src_1');
    expect(second?.id).toBe('src_0');
  });
});

test('a word that only another passage holds does not take "it" for something else', async () => {
  const texts = ['The wool blanket: 95 lari, in white.', 'Delivery to Batumi: costs of five lari.', 'We open at nine.'];
  const [first] = await search(texts, 'What are the costs of it?', 'Is there a wool blanket in white?');
  expect(first?.id).toBe('src_0');
});

test('what the message leans on is shown as the last, where others that share a word with it would fill the place', async () => {
  const texts = [
    'The wool blanket is woven by hand in the mountains and costs 95 lari.',
    ...['towels', 'scarves', 'carpets', 'pillows'].map((what) => `# Price list\n\nThe price of ${what}.`),
    'We open at nine.',
  ];
  const asked = ['And the price list?', 'Is the wool blanket woven by hand in the mountains?'] as const;
  const ids = async (topK: number) => (await search(texts, ...asked, { topK })).map(({ id }) => id);
  expect((await ids(5)).indexOf('src_0')).toBe(4);
  expect(await ids(3)).toHaveLength(3);
  expect((await ids(3)).at(-1)).toBe('src_0');
  expect(await ids(1)).not.toContain('src_0');
  // one that is too low itself takes no place from those that are not
  const all = await search(texts, ...asked, { topK: 5 });
  const minScore = (all.at(-1)?.score ?? 0) + 0.01;
  expect(await search(texts, ...asked, { topK: 3, minScore })).toEqual(all.slice(0, 3));
  const scores = (await search(texts, ...asked)).map(({ score }) => score);
  expect(scores).toEqual(scores.toSorted((one, other) => other - one));
});

test('a new subject is found although it is short', async () => {
  const texts = ['The wool blanket in blue costs 95 lari.', 'The workshop opens at nine.', 'Towels are of cotton.'];
  const [first] = await search(texts, 'When does the workshop open?', 'How much is the wool blanket?');
  expect(first?.id).toBe('src_1');
  const [alone] = await search(texts, 'When does the workshop open?');
  expect(first?.score).toBeCloseTo(alone?.score ?? 0);
});

test('weak words that two questions share do not make one the answer of the other', async () => {
  const faq = [
    '# How long can I return an unused blanket?\n\nWithin thirty days.',
    '# Who founded the workshop?\n\nNino Beridze.',
    '# Delivery\n\nDelivery takes two working days within Georgia.',
  ];
  const [first, second] = await search(faq, 'How long does delivery take?');
  expect(first?.id).toBe('src_2');
  expect(second?.score ?? 0).toBeLessThan((first?.score ?? 0) / 2);
  const [onlyReturns] = await search(faq.slice(0, 2), 'How long does delivery take?');
  expect(onlyReturns?.score ?? 0).toBeLessThan(0.4);
});
