import { expect, it } from 'vitest';
import { blockOfSegment } from './index-block.ts';
import { packMessages } from './pack-messages.ts';
import { rankRecall } from './rank-recall.ts';
import { readQuestion } from '../../../test/read-question.ts';
import { decodeSegment, encodeSegment } from './segment-codec.ts';

const say = (...texts: string[]) =>
  texts.map((text, index) => ({
    seq: index + 1,
    role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
    text,
    tokens: 5,
    createdAt: 0,
  }));

/** The text that comes first for a question. */
const first = (question: string, ...texts: string[]): string | null => {
  const messages = say(...texts);
  const blocks = [blockOfSegment(decodeSegment(encodeSegment(packMessages(messages))))];
  const asked = readQuestion(question, { before: null, now: 0 });
  const [best] = rankRecall(asked!, [{ conversationId: 'conv_a', blocks, shownFrom: null }]);
  return messages.find(({ seq }) => seq === best?.message.seq)?.text ?? null;
};

it.each([
  ['What is the name of my dog?', 'My dog is called Rufus.'],
  ['my dog', 'My dog is called Rufus.'],
  ['Wie heißt mein Hund?', 'Mein Hund heißt Rufus.'],
  ['Wohin wollte ich reisen?', 'Im Sommer reise ich mit der Familie nach Portugal.'],
  ['¿Cómo se llama mi perro?', 'Mi perro se llama Rufus.'],
  ["Comment s'appelle mon chien ?", "Mon chien s'appelle Rufus."],
  ['Как зовут мою собаку?', 'Мою собаку зовут Руфус.'],
  ['我的狗叫什么？', '我的狗叫鲁弗斯。'],
  ['ძაღლის სახელი', 'ჩემი ძაღლის სახელი რუფუსია'],
  ['order A-1234', 'The number is A1234.'],
])('"%s" finds "%s"', (question, text) => {
  expect(first(question, 'Hello', 'Good day', text, 'Thank you')).toBe(text);
});

it('a notice of the system is not packed', () => {
  expect(packMessages([{ ...say('Hello')[0]!, role: 'system' as const }])).toEqual([]);
});

it('a question is told by its sign', () => {
  expect(packMessages(say('How are you?', 'Fine.', '你好吗？')).map(({ message }) => message.asks)).toEqual([
    true,
    false,
    true,
  ]);
});

it('of a very long message the beginning is searched', () => {
  const [packed] = packMessages(say(`${'word '.repeat(5_000)}end`));
  expect(packed!.message.length).toBeLessThanOrEqual(1_000);
});
