import { ParleyError } from './error.ts';

/**
 * One page of a list, newest first, by cursor. Callers give ids of the list's own objects; a list that is not sorted by
 * id looks their place up.
 */
export type PageRequest<Cursor = string> = {
  /** 1 to 100. */
  limit: number;
  /** Go on behind this object, towards older ones. */
  after: Cursor | null;
  /** Go back before this object, towards newer ones. */
  before: Cursor | null;
};

/** `hasMore`: whether more follow in the direction asked for. */
export type Page<Item> = { items: Item[]; hasMore: boolean };

/** A list cannot go on from an object that is gone where only the object knew its place; an empty page would say that it ended. */
export const cursorGone = (page: PageRequest, noun: string): ParleyError => {
  const param = page.before === null ? 'after' : 'before';
  return new ParleyError(
    'invalid_request',
    `There is no ${noun} of this list by the id in \`${param}\`, so that it cannot go on from there: it may have been removed. Begin anew without \`${param}\`.`,
    { param },
  );
};

/**
 * One page of a list that is at hand as a whole, newest first. Ids sort by the time of their making, so that it goes on from
 * one that is gone, too.
 */
export const pageOf = <Item extends { id: string }>(items: readonly Item[], page: PageRequest): Page<Item> => {
  const { before, after } = page;
  if (before !== null)
    return cut(
      items.filter(({ id }) => id > before),
      page,
    );
  return cut(
    items.filter(({ id }) => after === null || id < after),
    page,
  );
};

/** The same of a list with an order of its own. Throws invalid_request where the object it is to go on from is gone. */
export const pageInOrder = <Item>(
  items: readonly Item[],
  page: PageRequest,
  { idOf, noun }: { idOf: (item: Item) => string; noun: string },
): Page<Item> => {
  const cursor = page.before ?? page.after;
  if (cursor === null) return cut(items, page);
  const at = items.findIndex((item) => idOf(item) === cursor);
  if (at === -1) throw cursorGone(page, noun);
  return cut(page.before === null ? items.slice(at + 1) : items.slice(0, at), page);
};

/** What lies next to the cursor: the end of what is before it, else the beginning. */
const cut = <Item>(rest: readonly Item[], { limit, before }: PageRequest): Page<Item> => ({
  items: before === null ? rest.slice(0, limit) : rest.slice(-limit),
  hasMore: rest.length > limit,
});
