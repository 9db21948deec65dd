import { expect, test } from 'vitest';
import { estimateTokens } from '../../kit/token-estimate.ts';
import { extractSummary } from './extract-summary.ts';

const talk = [
  { role: 'user', text: 'Hello! I would like to order a wool blanket in grey, size 200 by 220.' },
  { role: 'assistant', text: 'Gladly. The grey wool blanket in that size costs 180 lari. You are welcome.' },
  { role: 'user', text: 'Ok. Can the wool blanket be sent to Batumi before 12 December?' },
  { role: 'human', text: 'Yes, the blanket will be in Batumi on 10 December.' },
] as const;

test('telling sentences are kept with who said them, in their order', () => {
  const lines = extractSummary(null, talk, 400).split('\n');
  expect(lines[0]).toMatch(/^Customer: .*wool blanket in grey/);
  expect(lines.at(-1)).toBe('Staff: Yes, the blanket will be in Batumi on 10 December.');
  expect(lines.join(' ')).not.toContain('welcome');
  expect(lines.join(' ')).not.toContain('Hello!');
});

test('it never grows past its limit, and what was telling before takes part', () => {
  let summary = extractSummary(null, talk, 120);
  for (let round = 0; round < 20; round++) {
    const text = `The weather is rather ${'very '.repeat(round % 3)}nice today.`;
    summary = extractSummary(summary, [{ role: 'user', text }], 120);
    expect(estimateTokens(summary)).toBeLessThanOrEqual(120);
  }
  expect(summary).toContain('180 lari');
});

test('nothing telling gives nothing', () => {
  expect(
    extractSummary(
      null,
      [
        { role: 'user', text: 'Hi' },
        { role: 'assistant', text: 'Hello!' },
      ],
      400,
    ),
  ).toBe('');
});
