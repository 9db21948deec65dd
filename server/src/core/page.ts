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
