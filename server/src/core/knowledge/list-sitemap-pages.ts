import { urlWithin, whyNotWithin } from './crawl-scope.ts';
import { failSource } from './end-round.ts';
import { addFound, settle, type KeepResultTools } from './keep-result.ts';
import type { SourceRevision } from './knowledge-store.ts';
import { retryTime } from './read-result.ts';
import type { SourceContent } from './source.ts';
import { type SitemapListing, WebError, type WebReader } from './web-reader.ts';
import { reportUnread, type UnreadEntry } from './report-unread.ts';

type Tools = KeepResultTools & { web: WebReader; attempts: number };
type SitemapContent = Extract<SourceContent, { type: 'sitemap' }>;

/** Pages a transaction removes. */
const pagesPerSlice = 100;
/** Entries that are shown as skipped: enough to see what is wrong with a sitemap. */
const maxSkipped = 20;

/**
 * Lists the pages of a sitemap, and removes those that are in it no more; but not what was found of them where a sitemap
 * that it names could not be read, which may hold them. What may pass is tried as often as with a page; where the sitemap
 * itself fails the source has failed, and is found as it was: null then, as where nobody wants the round any more.
 */
export const listSitemapPages = async (
  target: SourceRevision,
  content: SitemapContent,
  tools: Tools,
): Promise<'listed' | { resumeAt: number; attempts: number } | null> => {
  const skipped: UnreadEntry[] = [];
  let listing: SitemapListing;
  try {
    listing = await tools.web.listSitemap({
      url: content.url,
      take: (found) => takePage(content, found, skipped),
      limit: content.maxPages,
      signal: tools.signal,
    });
  } catch (error) {
    tools.signal.throwIfAborted();
    if (!(error instanceof WebError)) throw error;
    const pause = pauseAfter(error, tools);
    if (pause) return pause;
    await failSource(target, `The sitemap could not be read. ${error.message}`, tools);
    return null;
  }
  const { urls, failures } = listing;
  const passing = failures.find(({ error }) => error.kind === 'passing');
  const pause = passing ? pauseAfter(passing.error, tools) : null;
  if (pause) return pause;
  const found = urls.map((url) => ({ url, depth: 0 }));
  const isWanted =
    // known pages first, so that those that are gone take no place of a new one
    (await addFound(target, { found, content: { ...content, maxPages: 0 } }, tools)) &&
    (await removeUnlisted(target, { keepFound: failures.length > 0 }, tools)) &&
    (await addFound(target, { found, content }, tools)) &&
    (await reportUnread(target, { entries: [...failures.map(toFailed), ...skipped], listed: urls, content }, tools)) &&
    (await settle(target, tools, (writers) => writers.knowledge.markListed(target)));
  return isWanted ? 'listed' : null;
};

const takePage = (content: SitemapContent, found: string, skipped: UnreadEntry[]): string | null => {
  const url = urlWithin(content, found);
  const reason = url === null && skipped.length < maxSkipped ? whyNotWithin(content, found) : null;
  if (reason !== null) skipped.push({ url: found, status: 'skipped', error: reason });
  return url;
};

const toFailed = ({ url, error }: SitemapListing['failures'][number]): UnreadEntry => ({
  url,
  status: 'failed',
  error: `The sitemap ${url} could not be read. ${error.message}`,
});

/** False where nobody wants the round any more. */
const removeUnlisted = async (
  target: SourceRevision,
  { keepFound }: { keepFound: boolean },
  tools: Tools,
): Promise<boolean> => {
  for (;;) {
    tools.signal.throwIfAborted();
    let isDone = false;
    const isWanted = await settle(target, tools, async (writers) => {
      isDone = await writers.knowledge.removeUnlisted(target, { limit: pagesPerSlice, keepFound });
    });
    if (!isWanted || isDone) return isWanted;
  }
};

/** Null where another try would not help, or there were enough. */
const pauseAfter = (
  { kind, retryAt }: WebError,
  { attempts, clock }: Pick<Tools, 'attempts' | 'clock'>,
): { resumeAt: number; attempts: number } | null => {
  const now = clock();
  // nothing was asked
  if (kind === 'wait') return { resumeAt: retryAt ?? now, attempts: attempts - 1 };
  const resumeAt = kind === 'passing' ? retryTime(attempts - 1, { now, retryAt }) : null;
  return resumeAt === null ? null : { resumeAt, attempts };
};
