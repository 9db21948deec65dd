/**
 * The position of a chunk is the number of its page and its place in the page, so that one number names it within its
 * source. A page has fewer chunks than this, since each holds a character of a text of at most 1,000,000.
 */
const chunksPerPage = 2 ** 20;

/** The largest number of a page: positions stay exact as numbers. */
export const maxPageNumber = 2 ** 32;

export const positionOf = (pageNumber: number, place: number): number => {
  if (place >= chunksPerPage) throw new RangeError('a page has too many chunks');
  return pageNumber * chunksPerPage + place;
};

export const pageNumberOf = (position: number): number => Math.floor(position / chunksPerPage);
