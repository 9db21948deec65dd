import { describe, expect, test } from 'vitest';
import { courtesyPhrases } from '../../core/knowledge/courtesy-phrases.ts';
import { ChatModelError, type ChatModelRequest } from '../../core/turn/chat-model.ts';
import type { ContextMessage, ContextPassage, ModelContext } from '../../core/turn/context.ts';
import { estimateTokens } from '../../kit/token-estimate.ts';
import { builtinModel } from './builtin-model.ts';
import { courtesyReplies } from './courtesy-replies.ts';
import { countWords } from './sentence-pool.ts';

const passageOf = (index: number, text: string, change: Partial<ContextPassage> = {}): ContextPassage => ({
  index,
  chunkId: `chunk_${index}`,
  sourceId: `src_${index}`,
  title: 'Shop',
  headings: [],
  url: null,
  page: null,
  text,
  score: 0.7 - index / 100,
  tokens: 20,
  ...change,
});

const filler = `The house was built for a merchant and has a garden. Its rooms are painted in the colours of the season.
The roof was mended after a storm. Many people have lived in it. The stairs are made of oak and creak at night.
A well stands in the yard and gives cold water all year.`.replaceAll('\n', ' ');

const history = passageOf(
  1,
  `Nino Beridze founded the workshop in 1998 together with her sister. It stood in Telavi at first. Twelve weavers work
there today, and they weave about 900 blankets a year. ${filler}`.replaceAll('\n', ' '),
);
const delivery = passageOf(
  2,
  `We ship to Batumi within two working days. Orders above 150 lari travel free of charge. ${filler}`,
);

const messageOf = (text: string, role: ContextMessage['role'] = 'user'): ContextMessage => ({
  seq: 1,
  role,
  text,
  tokens: 5,
});

const contextOf = (question: string, change: Partial<ModelContext> = {}): ModelContext => ({
  bot: { name: 'Nino', language: 'auto', greeting: '', fallback: 'Ask our team.' },
  instructions: '',
  facts: [],
  known: [],
  summary: null,
  recall: [],
  passages: [history, delivery],
  history: [],
  messages: [messageOf(question)],
  inlineCitations: false,
  ...change,
});

const ask = async (context: ModelContext, change: Partial<ChatModelRequest> = {}) => {
  const pieces: string[] = [];
  const reply = await builtinModel().reply(
    {
      model: 'builtin',
      context,
      temperature: null,
      maxReplyTokens: null,
      stream: true,
      timeouts: { connectMs: 1, firstTokenMs: 1, idleMs: 1, totalMs: 1 },
      signal: new AbortController().signal,
      ...change,
    },
    (text) => pieces.push(text),
  );
  return { ...reply, pieces, text: pieces.join('') };
};

describe('an answer', () => {
  test.each([
    ['Who founded the workshop?', 'Nino Beridze', 1],
    ['When was the workshop founded?', '1998', 1],
    ['How many blankets do the weavers make in a year?', '900', 1],
    ['Do you ship to Batumi?', 'two working days', 2],
    ['Which orders travel free?', '150 lari', 2],
  ])('to "%s" holds "%s" and cites its passage first', async (question, answer, index) => {
    const { text, citations, finishReason } = await ask(contextOf(question));
    expect(text).toContain(answer);
    expect(citations?.[0]?.index).toBe(index);
    expect(finishReason).toBe('stop');
  });

  test('is made of sentences of the passages, word for word, and quotes them', async () => {
    const { text, citations } = await ask(contextOf('Who founded the workshop in Telavi?'));
    for (const sentence of text.split(/(?<=\.) /)) {
      expect([history, delivery].some((passage) => passage.text.includes(sentence))).toBe(true);
    }
    for (const { index, quote } of citations ?? []) expect([history, delivery][index - 1]?.text).toContain(quote);
  });

  test('is short, also where the passage is one endless sentence', async () => {
    const endless = `The workshop sells ${Array.from({ length: 900 }, (_, at) => `blanket model ${at},`).join(' ')} and more`;
    const context = contextOf('Is model 300 in stock?', { passages: [passageOf(1, endless)] });
    const { text } = await ask(context);
    expect(countWords(text)).toBeLessThanOrEqual(120);
    expect(text).toContain('model 300');
  });

  test('to a question of an FAQ is its answer, and not the question', async () => {
    const faq = passageOf(1, 'By hand, in cold water.', { headings: ['Can I wash the blanket?'] });
    expect((await ask(contextOf('How do I wash the blanket?', { passages: [faq] }))).text).toBe(
      'By hand, in cold water.',
    );
  });

  test('has each row of a table on a line of its own, without its empty cells', async () => {
    const prices = passageOf(1, `Size | Note | Price\nSmall |  | 40 lari\nLarge | by order | 90 lari\n\n${filler}`);
    const context = contextOf('What is the price of a small one?', { passages: [prices] });
    const { text, citations } = await ask(context);
    expect(text.split('\n')).toContain('Small | 40 lari');
    expect(prices.text).toContain(citations?.[0]?.quote);
  });

  test('has the item of a list without its mark', async () => {
    const list = passageOf(1, `- We ship to Batumi within two days.\n- Orders above 150 lari travel free.\n${filler}`);
    const { text, citations } = await ask(contextOf('Do you ship to Batumi?', { passages: [list] }));
    expect(text).toMatch(/^We ship to Batumi within two days\./);
    expect(citations?.[0]?.quote).toMatch(/^We ship/);
  });

  describe('with the beginning of a list', () => {
    const question = 'How can I pay?';
    const answerTo = async (text: string, asked = question) =>
      await ask(contextOf(asked, { passages: [passageOf(1, `${text}\n\n${filler}`)] }));

    test.each([
      ['marks', 'You can pay by:\n\n- credit card\n- bank transfer'],
      ['numbers', 'You can pay by:\n\n1. Credit card. Visa too.\n2. Bank transfer'],
      ['lines', 'You can pay by\n* credit card\n* bank transfer'],
    ])('has its items, and nothing else in their place (%s)', async (_how, list) => {
      const { text, citations } = await answerTo(`${list}\n\nRefunds are paid the way you pay.`);
      expect(text).toMatch(/^You can pay by:?\n\S+ credit card.*\n\S+ bank transfer(?:\n|$)/i);
      expect(citations?.[0]?.quote).toMatch(/bank transfer$/i);
      // an item that has words of the question stands where the list has it, and not a second time
      expect((await answerTo(list, 'Can I pay by bank transfer?')).text.match(/bank transfer/gi)).toHaveLength(1);
    });

    test('has as many of them as there is room for, and says that there are more', async () => {
      const items = Array.from({ length: 90 }, (_, at) => `- coupon ${at}`).join('\n');
      const { text } = await answerTo(`You can pay by:\n${items}`);
      expect(countWords(text)).toBeLessThanOrEqual(100);
      expect(text).toMatch(/^You can pay by:\n- coupon 0\n- coupon 1\n.*\n…$/s);
    });

    test('is not made of that alone where the passage ends behind it', async () => {
      const { text } = await ask(
        contextOf(question, { passages: [passageOf(1, `${filler} Pay when you like. You can pay by:`)] }),
      );
      expect(text).toContain('Pay when you like.');
      expect(text).not.toContain('You can pay by:');
    });

    test('has the sentence behind a colon where that leads to no list', async () => {
      const { text } = await answerTo('How you can pay:\nCash is taken at the desk. Nobody takes gold.');
      expect(text).toMatch(/^How you can pay:\nCash is taken at the desk\./);
    });
  });

  describe('from steps', () => {
    const steps = Array.from({ length: 40 }, (_, at) => `${at + 1}. Turn screw ${at + 1} of the loom.`);
    steps[29] = '30. Oil the shuttle of the loom.';
    const passages = [passageOf(1, `${steps.join('\n')}\n\n${filler}`, { headings: ['Setting up the loom'] })];

    test('that are too many has as many as there is room for, from the first on, and says that there are more', async () => {
      const { text } = await ask(contextOf('How do I set up the loom?', { passages }));
      expect(text).toMatch(/^1\. Turn screw 1 of the loom\.\n2\. .*\n…$/s);
      expect(countWords(text)).toBeLessThanOrEqual(100);
    });

    test('does not have fewer of them where a later one answers as well', async () => {
      const long = `7. Tie ${Array.from({ length: 60 }, (_, at) => `thread${at}`).join(' ')} to the loom.`;
      const text = [...steps.slice(0, 6), long, '8. Clean the loom.'].join('\n');
      const headings = ['Setting up the loom'];
      const asked = contextOf('How do I set up the loom?', {
        passages: [passageOf(1, `${text}\n\n${filler}`, { headings })],
      });
      expect((await ask(asked)).text).toContain('6. Turn screw 6 of the loom.');
    });

    test('that are too many has the one that alone is asked about', async () => {
      const { text } = await ask(contextOf('How do I oil the shuttle of the loom?', { passages }));
      expect(text).toMatch(/^30\. Oil the shuttle of the loom\./);
    });

    test('has what stands behind them where that has a word of the question which they lack', async () => {
      const text = `1. Pack the parcel.\n2. Bring the parcel to us.\n\nThe parcel is refunded in full. ${filler}`;
      const asked = contextOf('How is the parcel refunded?', { passages: [passageOf(1, text)] });
      expect((await ask(asked)).text).toContain('The parcel is refunded in full.');
    });
  });

  test('from the head of a long table has as many rows as there is room for, and says that there are more', async () => {
    const rows = Array.from({ length: 60 }, (_, at) => `Day ${at} | ${at} euros`).join('\n');
    const passages = [passageOf(1, `Public holiday | Price\n${rows}\n\n${filler}`)];
    const { text } = await ask(contextOf('Which public holidays are there?', { passages }));
    expect(text).toMatch(/^Public holiday \| Price\nDay 0 \| 0 euros\nDay 1 \| .*\n…$/s);
    expect(countWords(text)).toBeLessThanOrEqual(100);
  });

  test.each([
    [
      'a command',
      'Which command counts the errors in the log?',
      'The command grep error log.txt | wc -l counts the errors in the log.',
      'Another command empties the log of errors.',
    ],
    [
      'two numbers',
      'How can I reach the workshop by phone?',
      'Reach the workshop by phone 555 12 34 | by fax 555 12 35.',
      'The workshop has a phone in the hall.',
    ],
    ['the only row of a passage', 'When is Labour Day?', 'Labour Day | 1 May | all', 'We dance on Labour Day.'],
  ])(
    'takes one line with a bar for a sentence and for no head of a table: %s',
    async (_what, question, line, other) => {
      const passages = [passageOf(1, `${filler}\n\n${line}\n\n${filler}\n\n${other}`)];
      const { text, citations } = await ask(contextOf(question, { passages }));
      expect(text.split('\n')).toContain(line);
      expect(citations).toEqual([{ index: 1, quote: line }]);
    },
  );

  test('does not take a paragraph of one line with a bar for a row', async () => {
    const answer = 'The command ls | wc counts the files of the workshop.';
    const passages = [passageOf(1, `${filler} ${answer} ${filler}`)];
    const { text, citations } = await ask(contextOf('Which command counts the files of the workshop?', { passages }));
    expect(text).toContain(answer);
    expect(citations).toEqual([{ index: 1, quote: answer }]);
    expect(countWords(text)).toBeLessThan(40);
  });

  test('says once what several passages say', async () => {
    const passages = [1, 2, 3].map((index) => passageOf(index, `We ship to Batumi within two days. ${filler}`));
    const { text } = await ask(contextOf('Do you ship to Batumi?', { passages }));
    expect(text.match(/We ship to Batumi/g)).toHaveLength(1);
  });

  test('is cited with what answers best, also where something else is read first', async () => {
    const passage = passageOf(1, `The workshop is in Telavi. Nino founded the workshop in Telavi in 1998. ${filler}`);
    const { citations } = await ask(contextOf('Who founded the workshop in Telavi?', { passages: [passage] }));
    expect(citations).toEqual([{ index: 1, quote: 'Nino founded the workshop in Telavi in 1998.' }]);
  });

  test('is cited with the row of a table that answers, and not with its head', async () => {
    const rows = ['Country | Population (millions) | Capital', 'Austria | 8.9 | Vienna', 'Belgium | 11.5 | Brussels'];
    const passage = passageOf(1, `${rows.join('\n')}\nDenmark | 5.8 | Copenhagen\n\n${filler}`);
    const { text, citations } = await ask(contextOf('What is the population of Belgium?', { passages: [passage] }));
    expect(text.split('\n')).toEqual(expect.arrayContaining([rows[0], rows[2]]));
    expect(citations).toEqual([{ index: 1, quote: rows[2] }]);
  });

  test('has marks behind what they stand for only where the bot wants them', async () => {
    const marked = await ask(contextOf('Do you ship to Batumi?', { inlineCitations: true }));
    expect(marked.text).toMatch(/\. \[2\]/);
    expect((await ask(contextOf('Do you ship to Batumi?'))).text).not.toMatch(/\[\d/);
    expect(marked.citations?.[0]?.quote).not.toMatch(/\[\d/);
  });

  test('to several merged messages answers what they ask together', async () => {
    const messages = [messageOf('One question about orders:'), messageOf('which of them travel free?')];
    expect((await ask(contextOf('', { messages }))).text).toContain('150 lari');
  });

  test('is the same for the same context, every time', async () => {
    const [one, other] = [await ask(contextOf('Who weaves?')), await ask(contextOf('Who weaves?'))];
    expect(one).toEqual(other);
  });
});

describe('the fallback', () => {
  test.each([
    ['no passage was found', []],
    ['those that were found fit badly', [{ ...delivery, score: 0.2 }]],
  ])('is said where %s', async (_case, passages) => {
    const { text, finishReason, citations } = await ask(contextOf('Do you repair Swiss watches?', { passages }));
    expect([text, finishReason, citations]).toEqual(['Ask our team.', 'fallback', []]);
  });

  test('is said to a message without words', async () => {
    expect((await ask(contextOf('?!'))).finishReason).toBe('fallback');
  });

  test('is said where the search has found nothing that fits', async () => {
    const passages = [{ ...delivery, score: 0.3 }];
    expect((await ask(contextOf('Do you ship to Batumi?', { passages }))).finishReason).toBe('fallback');
  });

  test('a follow-up is answered with the sentences that the question before asks for', async () => {
    const passages = [{ ...delivery, score: 0.6 }];
    const before = [messageOf('Do you ship orders to Batumi?'), messageOf('Yes.', 'assistant')];
    const { text } = await ask(contextOf('And within how many days?', { passages, history: before }));
    expect(text).toContain('two working days');
  });
});

describe('courtesies', () => {
  test.each([
    ['Hi', /^Hello/],
    ['Hello Nino!', /^Hello/],
    ['Guten Tag', /^Hallo/],
    ['¡Buenos días!', /^¡Hola/],
    ['Здравствуйте', /^Здравствуйте/],
    ['გამარჯობა', /^გამარჯობა/],
    ['你好!', /^您好/],
    ['Dzień dobry', /^Dzień dobry/],
    ['привіт', /^Вітаю/],
    ['สวัสดีครับ', /^สวัสดี/],
    ['감사합니다', /천만에요/],
    ['Cảm ơn bạn!', /Không có gì/],
    ['Thank you very much!', /welcome/],
    ['Vielen Dank', /Gern/],
  ])('"%s" is answered in its language', async (message, reply) => {
    const { text, finishReason, citations } = await ask(contextOf(message));
    expect(text).toMatch(reply);
    expect([finishReason, citations]).toEqual(['stop', []]);
  });

  test.each([
    ['de', 'Hello', /^Hallo!/],
    ['pt-BR', 'Thanks!', /^De nada/],
    ['ZH', 'Hi', /^您好/],
    ['tlh', 'Hola', /^¡Hola/],
  ])('are answered in the language of a bot that has one: %s', async (language, message, reply) => {
    const bot = { ...contextOf('').bot, language };
    expect((await ask(contextOf(message, { bot }))).text).toMatch(reply);
  });

  test.each([
    ['Thanks, bye', 'You are welcome! Goodbye!'],
    ['Thanks a lot, that helped!', 'You are welcome!'],
    ['great, thank you', 'You are welcome!'],
    ['No thanks', 'You are welcome!'],
    ['Vielen Dank für die Hilfe', 'Gern geschehen!'],
    ['bye', 'Goodbye!'],
    ['Tschüss', 'Auf Wiedersehen!'],
    ['Merci beaucoup, au revoir', 'Je vous en prie ! Au revoir !'],
    ['Hi, how are you?', 'Hello! How can I help you?'],
    ['Good morning Nino, I have a question', 'Hello! How can I help you?'],
    ['ok thank you bye', 'You are welcome! Goodbye!'],
    ['sí, gracias', '¡De nada!'],
    ['Спасибо, до свидания', 'Пожалуйста! До свидания!'],
    ['谢谢,再见', '不客气! 再见!'],
    ['감사합니다. 안녕히 계세요', '천만에요! 안녕히 가세요!'],
  ])('"%s" is made of them: "%s"', async (message, reply) => {
    expect((await ask(contextOf(message))).text).toBe(reply);
  });

  test.each(['ok', 'No', 'yes please', 'OK!', 'Perfect.'])('a bare "%s" is no question', async (message) => {
    const before = [messageOf('Do you ship orders to Batumi?'), messageOf('Within two working days.', 'assistant')];
    const { text, finishReason, citations } = await ask(contextOf(message, { history: before }));
    expect([text, finishReason, citations]).toEqual(['All right! What else can I do for you?', 'stop', []]);
  });

  test('what several languages have is answered in that of the talk', async () => {
    const before = [messageOf('¿Cuánto tarda la entrega de una manta?'), messageOf('Dos días.', 'assistant')];
    expect((await ask(contextOf('ok', { history: before }))).text).toBe('¡De acuerdo! ¿En qué más puedo ayudarle?');
    expect((await ask(contextOf('ok'))).text).toMatch(/^All right/);
  });

  test('each language in which they are known has replies', () => {
    expect([...courtesyReplies.keys()].toSorted()).toEqual(courtesyPhrases.map(({ language }) => language).toSorted());
  });

  test('a greeting with a question is a question', async () => {
    expect((await ask(contextOf('Hello, do you ship to Batumi?'))).text).toContain('two working days');
  });
});

describe('the stream', () => {
  test('comes in small pieces, which are never empty, and says the same as the whole', async () => {
    const question = contextOf('Do you ship to Batumi?');
    const { pieces, text } = await ask(question);
    const whole = await ask(question, { stream: false });
    expect(pieces.length).toBeGreaterThan(5);
    for (const piece of pieces) expect(piece.length > 0 && piece.length <= 24).toBe(true);
    expect(whole.pieces).toEqual([text]);
  });

  test('of Chinese comes in pieces too, and never splits a character', async () => {
    const passage = passageOf(1, '我们在两个工作日内将毯子😀送到巴统。超过一百五十拉里的订单免运费。');
    const { pieces, text } = await ask(contextOf('毯子几天送到巴统?', { passages: [passage] }));
    expect(pieces.length).toBeGreaterThan(1);
    for (const piece of pieces) expect(piece.isWellFormed()).toBe(true);
    expect(text).toContain('两个工作日');
  });

  test('stops when it is cancelled', async () => {
    const abort = new AbortController();
    const pieces: string[] = [];
    const running = builtinModel().reply(
      {
        model: 'builtin',
        temperature: null,
        maxReplyTokens: null,
        stream: true,
        context: contextOf('Do you ship to Batumi?'),
        timeouts: { connectMs: 1, firstTokenMs: 1, idleMs: 1, totalMs: 1 },
        signal: abort.signal,
      },
      (text) => {
        pieces.push(text);
        if (pieces.length === 3) abort.abort();
      },
    );
    await expect(running).rejects.toMatchObject({ name: 'ChatModelError', kind: 'aborted' });
    await expect(running).rejects.toBeInstanceOf(ChatModelError);
    expect(pieces).toHaveLength(3);
  });

  test('says nothing when it was cancelled before', async () => {
    await expect(ask(contextOf('Hi'), { signal: AbortSignal.abort() })).rejects.toMatchObject({ kind: 'aborted' });
  });

  test('ends at the longest reply that is allowed', async () => {
    const { text, finishReason, usage } = await ask(contextOf('Do you ship to Batumi?'), { maxReplyTokens: 6 });
    expect(estimateTokens(text)).toBeLessThanOrEqual(6);
    expect(finishReason).toBe('length');
    expect(usage).toEqual({ inputTokens: 45, outputTokens: estimateTokens(text) });
  });
});
