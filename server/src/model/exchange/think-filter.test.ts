import { describe, expect, it } from 'vitest';
import { ThinkFilter } from './think-filter.ts';

const filter = (pieces: readonly string[]): string => {
  const think = new ThinkFilter();
  return pieces.map((piece) => think.push(piece)).join('') + think.end();
};

/** Every way to cut a text in two, and the text in single characters. */
const cuts = (text: string): string[][] => [
  ...Array.from({ length: text.length + 1 }, (_, at) => [text.slice(0, at), text.slice(at)]),
  Array.from(text),
];

describe('thinking', () => {
  it.each([
    ['<think>hm</think>Yes', 'Yes'],
    [' \n<think>\nhm < </thin </think>\n\n Yes', 'Yes'],
    ['<think></think>Yes', 'Yes'],
    ['<think>a</think><think>b</think>Yes', 'Yes'],
    ['<thinking>hm</thinking>Yes', 'Yes'],
    ['<thought>hm</thought>Yes', 'Yes'],
    ['[THINK]hm[/THINK]Yes', 'Yes'],
    ['<think>never ends', ''],
    ['Yes <think>hm</think>', 'Yes <think>hm</think>'],
    ['<thinner> Yes', '<thinner> Yes'],
    ['  Yes', '  Yes'],
    ['<th', '<th'],
    ['', ''],
  ])('in %j leaves %j, wherever the text is cut', (text, expected) => {
    for (const pieces of cuts(text)) expect(filter(pieces)).toBe(expected);
  });

  it('does not hold back a reply that only begins with white space', () => {
    const think = new ThinkFilter();
    expect(think.push('\n')).toBe('');
    expect(think.push(' '.repeat(2000))).toBe(`\n${' '.repeat(2000)}`);
  });

  it('gives text at once where it cannot be thinking', () => {
    expect(new ThinkFilter().push('Y')).toBe('Y');
  });
});
