/**
 * The unused part of a page of a b-tree (https://sqlite.org/fileformat2.html#b_tree_pages): it lies between the list of the
 * page's cells and their contents. `secure_delete` overwrites a cell that is deleted, but not the copy that stays in this
 * part where SQLite has moved a cell to another page.
 */

/** Interior and leaf pages of indexes and tables by their first byte, with the size of their header. */
const headerBytes = new Map([
  [2, 12],
  [5, 12],
  [10, 8],
  [13, 8],
]);

/**
 * Overflow and free pages begin with a page number: below this number of pages its first byte is that of no b-tree page.
 * With pages of 4 KB these are 128 GB.
 */
export const maxTellablePages = 0x01_ff_ff_ff;

export type Gap = { start: number; end: number };

/** Where the unused part of a page lies, by offsets into it; null for a page of another kind. Not for the first page. */
export const gapOf = (page: Uint8Array, usableBytes: number): Gap | null => {
  const header = headerBytes.get(page[0] ?? 0);
  if (header === undefined) return null;
  const start = header + 2 * shortAt(page, 3);
  // 0 stands for 65,536, which a page of 4 KB has no use for
  const end = shortAt(page, 5);
  return start <= end && end <= usableBytes ? { start, end } : null;
};

export const holdsAnything = (page: Uint8Array, { start, end }: Gap): boolean => {
  for (let at = start; at < end; at++) if (page[at] !== 0) return true;
  return false;
};

const shortAt = (page: Uint8Array, at: number): number => ((page[at] ?? 0) << 8) | (page[at + 1] ?? 0);
