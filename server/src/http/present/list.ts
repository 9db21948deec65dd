import { ParleyError } from '../../core/error.ts';
import type { Page, PageRequest } from '../../core/page.ts';

/** A list as it is sent; see `listOf` in the protocol. */
export type WireList<Item> = {
  object: 'list';
  data: Item[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
};

export const presentList = <Item, WireItem extends { id: string }>(
  page: Page<Item>,
  present: (item: Item) => WireItem,
): WireList<WireItem> => {
  const data = page.items.map((item) => present(item));
  return {
    object: 'list',
    data,
    has_more: page.hasMore,
    first_id: data.at(0)?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
};

/** A list's query as core asks for a page. */
export const toPageRequest = (query: {
  limit: number;
  after?: string | undefined;
  before?: string | undefined;
}): PageRequest => {
  if (query.after !== undefined && query.before !== undefined) {
    throw new ParleyError('invalid_request', 'Send `after` or `before`, not both.', { param: 'before' });
  }
  return { limit: query.limit, after: query.after ?? null, before: query.before ?? null };
};
