export type SourceStatus = 'queued' | 'processing' | 'ready' | 'failed';

export type FaqItem = { question: string; answer: string };

/** Which pages of a web site are read. Prefixes of a URL's path: `/docs` stands for `/docs` and all below it. */
export type CrawlBounds = {
  maxPages: number;
  /** One of them has to fit; empty: all do. */
  include: string[];
  /** None of them may fit. */
  exclude: string[];
};

/** What the caller handed in, kept as it came, so that it can be read again. */
export type SourceContent =
  | { type: 'text'; text: string }
  | { type: 'faq'; items: FaqItem[] }
  /** The bytes are kept apart, in parts. */
  | { type: 'file'; name: string; mediaType: string | null; sizeBytes: number }
  | { type: 'url'; url: string }
  | ({ type: 'sitemap'; url: string } & CrawlBounds)
  /** `maxDepth`: links between the URL and the farthest page. */
  | ({ type: 'site'; url: string; maxDepth: number } & CrawlBounds);

export type Source = {
  id: string;
  workspaceId: string;
  botId: string;
  type: SourceContent['type'];
  title: string;
  url: string | null;
  status: SourceStatus;
  /** What was wrong, for the owner of the source. */
  error: string | null;
  /** 0 to 1. */
  progress: number;
  /** Of the pages that are found; zero until the first is ready. */
  chunkCount: number;
  pages: PageCounts;
  /** The round of reading: grows with every refresh; work for an older one is dropped. */
  revision: number;
  createdAt: number;
  updatedAt: number;
};

export type PageCounts = {
  known: number;
  /** Of those, how many this round is done with. */
  done: number;
  /** Of those, how many could not be read. */
  failed: number;
};

/** A passage of a source as it is found and cited. */
export type Chunk = {
  /** The same for the same text of the same page, also after a refresh. */
  id: string;
  sourceId: string;
  /** Grows through a page and from page to page, with gaps between pages; see `page-place.ts`. */
  position: number;
  /** Headings above it, outermost first. */
  headings: string[];
  text: string;
  tokens: number;
  /** The page of a document, from 1; null where it knows none. */
  page: number | null;
  /** Leads to the place within a web page, without `#`. */
  anchor: string | null;
};
