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
