import { describe, expect, it } from 'vitest';
import { type PageRequest, pageInOrder, pageOf } from './page.ts';

const objects = (ids: string) => Array.from(ids, (id) => ({ id }));
const asked = (page: Partial<PageRequest>): PageRequest => ({ limit: 2, after: null, before: null, ...page });
const idsOf = ({ items }: { items: { id: string }[] }): string => items.map(({ id }) => id).join('');

describe('a page of a list that is at hand as a whole', () => {
  it.each<[Partial<PageRequest>, string, boolean]>([
    [{}, 'ed', true],
    [{ after: 'd' }, 'cb', true],
    [{ after: 'b' }, 'a', false],
    [{ after: 'a' }, '', false],
    [{ before: 'a' }, 'cb', true],
    [{ before: 'd' }, 'e', false],
    [{ limit: 9 }, 'edcba', false],
  ])('%j holds %j', (page, ids, hasMore) => {
    const sorted = pageOf(objects('edcba'), asked(page));
    expect([idsOf(sorted), sorted.hasMore]).toEqual([ids, hasMore]);
    const inOrder = pageInOrder(objects('edcba'), asked(page), { idOf: ({ id }) => id, noun: 'plan' });
    expect(inOrder).toEqual(sorted);
  });

  it('goes on from an object that is gone where the ids say its place, and is refused elsewhere', () => {
    const left = objects('edba');
    expect(idsOf(pageOf(left, asked({ after: 'c' })))).toBe('ba');
    expect(idsOf(pageOf(left, asked({ before: 'c' })))).toBe('ed');
    const inOrder = () => pageInOrder(left, asked({ after: 'c' }), { idOf: ({ id }) => id, noun: 'plan' });
    expect(inOrder).toThrow('There is no plan of this list');
  });
});
