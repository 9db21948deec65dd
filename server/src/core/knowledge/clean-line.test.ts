import { expect, test } from 'vitest';
import { bareText } from './clean-line.ts';

test('a million marks are composed at once, also where only what is not seen stood between them', () => {
  const marks = (between: string): string =>
    `a${`\u0301${between}`.repeat(500_000)}${`\u0316${between}`.repeat(500_000)}`;
  for (const between of ['', '\u200b', '\u202a']) expect(bareText(marks(between)).length).toBeLessThan(40);
});
