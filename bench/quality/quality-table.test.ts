import { expect, it } from 'vitest';
import { qualityTable } from './quality-table.ts';

it('says of each figure whether it reaches what is aimed at, in its own direction', () => {
  const common = { baseline: null, n: 10 };
  const rows = [
    { what: 'share', ...common, reach: 0.9, got: 0.95 },
    { what: 'words', ...common, reach: 60, got: 61, atMost: true },
    { what: 'seen', ...common, reach: null, got: 0.5 },
  ];
  const lines = qualityTable([{ store: 'postgres', rows }])
    .split('\n')
    .slice(2);
  expect(lines).toEqual([
    '| share | PostgreSQL | – | 0.900 | 0.950 | yes | 10 |',
    '| words | PostgreSQL | – | ≤ 60.0 | 61.0 | no | 10 |',
    '| seen | PostgreSQL | – | – | 0.500 |  | 10 |',
    '',
  ]);
});
