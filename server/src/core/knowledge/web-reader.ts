/**
 * - `gone`: the server says that there is no such page.
 * - `refused`: for a reason that another try will not change; robots.txt, a sign-in, another kind of file.
 * - `passing`: another try may help.
 * - `wait`: the server must not be asked before `retryAt`; nothing was asked.
 */
export type WebErrorKind = 'gone' | 'refused' | 'passing' | 'wait';

/** Why a page was not read. The message is for the owner of the source: it tells nothing of networks that are not public. */
export class WebError extends Error {
  override readonly name = 'WebError';
  readonly kind: WebErrorKind;
  /** Not before this time; null where nobody said. */
  readonly retryAt: number | null;
  /** True where what was found of the page must be found no more. */
  readonly hides: boolean;

  constructor(
    kind: WebErrorKind,
    message: string,
    options: { retryAt?: number | null; hides?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.retryAt = options.retryAt ?? null;
    this.hides = options.hides ?? kind === 'gone';
  }
}

export type PageRequest = {
  url: string;
  /** Of what is known already, so that an unchanged page need not be sent. */
  etag: string | null;
  lastModified: string | null;
  signal: AbortSignal;
};

export type WebAnswer =
  | { kind: 'unchanged' }
  /** It leads elsewhere; absolute, and not looked at yet. */
  | { kind: 'moved'; url: string }
  | {
      kind: 'document';
      bytes: Uint8Array;
      mediaType: string | null;
      charset: string | null;
      etag: string | null;
      lastModified: string | null;
      /** As the headers of the answer ask for it. */
      noIndex: boolean;
      noFollow: boolean;
    };

export type SitemapRequest = {
  url: string;
  /** Whether a page is wanted, by its absolute URL as it is written there: its URL as it is known, or null. */
  take: (url: string) => string | null;
  /** Pages that are taken, at most. */
  limit: number;
  signal: AbortSignal;
};

export type SitemapListing = {
  /** Pages that were taken, in the order of the sitemap. */
  urls: string[];
  /** Sitemaps that it names and that could not be read. */
  failures: { url: string; error: WebError }[];
};

/** Reads the web as it wants to be read: robots.txt, one request at a time for a server, pauses. */
export interface WebReader {
  /** One page, without following where it leads. Throws WebError. */
  readPage(request: PageRequest): Promise<WebAnswer>;
  /**
   * What a sitemap lists, with the sitemaps that it names: of those one may fail, and the others are read all the same.
   * Throws WebError where the sitemap itself could not be read, or a server must not be asked yet.
   */
  listSitemap(request: SitemapRequest): Promise<SitemapListing>;
}
