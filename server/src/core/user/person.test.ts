import { expect, test } from 'vitest';
import { groupByLinks } from './person.ts';

const link = (userId: string, otherId: string) => ({ userId, otherId, createdAt: 1 });

test('users without links are persons of their own', () => {
  expect(groupByLinks(['b', 'a'], [])).toEqual([['a'], ['b']]);
});

test('links make one person of all that they hold together, in whatever order they stand', () => {
  expect(groupByLinks(['a', 'b', 'c', 'd', 'e'], [link('d', 'c'), link('a', 'b'), link('b', 'c')])).toEqual([
    ['a', 'b', 'c', 'd'],
    ['e'],
  ]);
});

test('a second way between two users keeps them together', () => {
  const links = [link('a', 'b'), link('b', 'c'), link('a', 'c')];
  expect(groupByLinks(['a', 'b', 'c'], links.slice(1))).toEqual([['a', 'b', 'c']]);
  expect(groupByLinks(['a', 'b', 'c'], links.slice(2))).toEqual([['a', 'c'], ['b']]);
});

test('a link to somebody who is not asked about counts for nothing', () => {
  expect(groupByLinks(['a', 'b'], [link('a', 'x'), link('x', 'b')])).toEqual([['a'], ['b']]);
});
