import { settle, type KeepResultTools } from './keep-result.ts';
import type { SourceRevision } from './knowledge-store.ts';
import type { CrawlBounds } from './source.ts';

/** What stands in a sitemap and is not read: a sitemap that failed, or what is no page of the site. */
export type UnreadEntry = { url: string; status: 'skipped' | 'failed'; error: string };

/** Entries a transaction writes, at three statements each: about 2 ms of the writer. */
const entriesPerSlice = 10;
/** As long as the URL of a page; the rest of a longer one tells nobody anything. */
const maxShownCharacters = 2_048;

/**
 * Lists what is not read among the pages, with the reason, for this round alone: nothing is ever found of it, so that the
 * next listing removes it. It takes no place of a page. False where nobody wants the round any more.
 */
export const reportUnread = async (
  target: SourceRevision,
  { entries, listed, content }: { entries: readonly UnreadEntry[]; listed: readonly string[]; content: CrawlBounds },
  tools: KeepResultTools,
): Promise<boolean> => {
  const pages = new Set(listed);
  const shown = entries
    .map((entry) => ({ ...entry, url: entry.url.slice(0, maxShownCharacters) }))
    .filter(({ url }) => !pages.has(url));
  const maxPages = content.maxPages + shown.length;
  for (let from = 0; from < shown.length; from += entriesPerSlice) {
    const slice = shown.slice(from, from + entriesPerSlice);
    const isWanted = await settle(target, tools, async ({ knowledge }) => {
      const added = slice.map(({ url }) => ({ url, depth: 0 }));
      await knowledge.listPages(target, added, { maxPages, at: tools.clock() });
      for (const { url, status, error } of slice) {
        const page = await knowledge.findPage(target, url);
        // in one transaction with its listing: nobody may take it for a page that waits
        if (page) await knowledge.endPage(target, page.number, { status, error, reading: null, hide: false });
      }
    });
    if (!isWanted) return false;
  }
  return true;
};
