import type { DocumentHead } from '../exchange.ts';

/** What a document says of itself where its format says nothing. */
export const emptyHead: DocumentHead = {
  title: null,
  language: null,
  pageCount: null,
  links: [],
  canonicalUrl: null,
  noIndex: false,
  noFollow: false,
  warnings: [],
};
