import { describe, expect, test } from 'vitest';
import { CitationFilter } from './citation-filter.ts';

const filter = (pieces: readonly string[], { passages = 3, keepMarks = false } = {}) => {
  const one = new CitationFilter({ passages, keepMarks });
  const shown = pieces.map((piece) => one.push(piece)).join('') + one.end();
  return { shown, cited: [...one.cited] };
};

const texts: readonly [text: string, shown: string, cited: number[]][] = [
  ['We ship [1].', 'We ship.', [1]],
  ['We ship.[1] And more.', 'We ship. And more.', [1]],
  ['We ship. [2][1]\nFor five lari [3]', 'We ship.\nFor five lari', [2, 1, 3]],
  ['Both [1, 3] hold.', 'Both hold.', [1, 3]],
  // of numbers that no passage has
  ['Is it Aurora? [2][9].', 'Is it Aurora?', [2]],
  ['Known and not [2, 9]; so.', 'Known and not; so.', [2]],
  ['Made up [99], too.', 'Made up, too.', []],
  // lists
  ['See [1], [2] and [1].', 'See.', [1, 2]],
  ['Siehe [1] und [2]; danach', 'Siehe; danach', [1, 2]],
  ['It rests ([1], [2]) on both.', 'It rests on both.', [1, 2]],
  ['It rests (see [1]) on one.', 'It rests (see) on one.', [1]],
  ['One ([1], page 3) of them', 'One (page 3) of them', [1]],
  // spellings
  ['So 【1】. And 【4:0†source】so [2†source].', 'So. And so.', [1, 2]],
  ['So [source 1] and [Source: 2], [passage #3].', 'So.', [1, 2, 3]],
  // where they begin a text or a line
  ['[1] We ship.', 'We ship.', [1]],
  ['[1]: We ship.\n- [2] Abroad', 'We ship.\n- Abroad', [1, 2]],
  ['We[1]ship', 'Weship', [1]],
  ['We [1]ship', 'We ship', [1]],
  ['Wait [1]... no', 'Wait... no', [1]],
  ['Say "so [1]" [2]!', 'Say "so"!', [1, 2]],
  ['[1]', '', [1]],
  [' [2]. ', '', [2]],
  // what is none
  ['In [2024] and [x] and [1](https://a.example) [ ]', 'In [2024] and [x] and [1](https://a.example) [ ]', []],
  ['Call `list[1]` or ``a ` [2]`` [3].', 'Call `list[1]` or ``a ` [2]``.', [3]],
  ['```\na[1] = b [2]\n```\nDone [1].', '```\na[1] = b [2]\n```\nDone.', [1]],
  ['A tick ` alone\nends [1] with its line', 'A tick ` alone\nends with its line', [1]],
  ['A [link (and [1 or [source', 'A [link (and [1 or [source', []],
  ['Blanks          [1] and  two\t', 'Blanks   and  two\t', [1]],
];

test.each(texts)('%j is shown without its marks', (text, shown, cited) => {
  expect(filter([text])).toEqual({ shown, cited });
});

test.each(texts)('%j gives the same however it is divided', (text, shown, cited) => {
  expect(filter(Array.from(text))).toEqual({ shown, cited });
  for (let one = 0; one <= text.length; one++) {
    for (let other = one; other <= text.length; other++) {
      expect(filter([text.slice(0, one), text.slice(one, other), text.slice(other)])).toEqual({ shown, cited });
    }
  }
});

test.each(texts)('%j stays as it is where marks are wanted, and cites the same', (text, _shown, cited) => {
  for (const pieces of [[text], Array.from(text)])
    expect(filter(pieces, { keepMarks: true })).toEqual({ shown: text, cited });
});

describe('without passages', () => {
  test('a mark names nothing, and is none the less', () => {
    expect(filter(['We ship [1].'], { passages: 0 })).toEqual({ shown: 'We ship.', cited: [] });
  });
});

describe('text that only begins like marks', () => {
  test.each(['[', '(', ' ', '[1', '[1] and ', '[source ', '【1†', '`', '[1], '])(
    '%j without end costs little',
    (begin) => {
      const text = begin.repeat(20_000);
      const one = new CitationFilter({ passages: 3, keepMarks: true });
      let shown = '';
      let held = 0;
      for (let at = 0; at < text.length; at += 100) {
        const before = shown.length;
        shown += one.push(text.slice(at, at + 100));
        held = Math.max(held, at + 100 - before - (shown.length - before));
      }
      expect(held).toBeLessThan(3_000);
      expect(shown + one.end()).toBe(text);
    },
  );
});

test.each(['[1]x', '([1] ', '[1] and ', '`[1]` '])(
  'two million characters of %j in one piece are read at once',
  (part) => {
    const text = part.repeat(Math.floor(2_000_000 / part.length));
    const one = new CitationFilter({ passages: 3, keepMarks: true });
    expect(one.push(text) + one.end() === text).toBe(true);
  },
);
