import { expect, test } from 'vitest';
import { splitSentences } from './split-sentences.ts';

const texts = (text: string): string[] => splitSentences(text).map((sentence) => sentence.text);

test.each([
  ['It is warm. It is light.', 2],
  ['Dr. Nino Beridze founded it in 1998. It grew.', 2],
  ['Mail J. R. Smith about it. Thanks!', 2],
  ['Made in the U.S. Army style.', 1],
  ['Blankets, towels etc. are washable.', 1],
  ['It costs 12.50 lari. Delivery is free.', 2],
  ['Das kostet z.B. Zwölf Lari. Mehr nicht.', 2],
  ['¿Cuánto cuesta? Doce laris.', 2],
  ['毯子很暖和。可以退货。', 2],
  ['A list:\n- one\n- two', 3],
])('"%s" has %i sentences', (text, count) => {
  expect(texts(text)).toHaveLength(count);
});

test('sentences stand in the text where they say', () => {
  const text = '  First one.   Second one!\n\nThird?  ';
  expect(splitSentences(text).map(({ start, end }) => text.slice(start, end))).toEqual(texts(text));
  expect(texts(text)).toEqual(['First one.', 'Second one!', 'Third?']);
});

test('a text without a sentence has none', () => {
  expect(splitSentences(' \n ')).toEqual([]);
});
