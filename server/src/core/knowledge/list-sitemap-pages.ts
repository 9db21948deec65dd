import { urlWithin } from './crawl-scope.ts';
import { failSource } from './end-round.ts';
import { addFound, settle, type KeepResultTools } from './keep-result.ts';
import type { SourceRevision } from './knowledge-store.ts';
import { retryTime } from './read-result.ts';
import type { SourceContent } from './source.ts';
import { WebError, type WebReader } from './web-reader.ts';

type Tools = KeepResultTools & { web: WebReader; attempts: number };

/** Pages a transaction removes. */
const pagesPerSlice = 100;

/**
 * Lists the pages of a sitemap, and removes those that are in it no more. What may pass is tried as often as with a page;
 * where it fails the source has failed, and is found as it was: null then, as where nobody wants the round any more.
 */
export const listSitemapPages = async (
  target: SourceRevision,
  content: Extract<SourceContent, { type: 'sitemap' }>,
  tools: Tools,
): Promise<'listed' | { resumeAt: number; attempts: number } | null> => {
  let urls: string[];
  try {
    const { url, maxPages: limit } = content;
    urls = await tools.web.listSitemap({
      url,
      take: (found) => urlWithin(content, found),
      limit,
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
  const found = urls.map((url) => ({ url, depth: 0 }));
  if (!(await addFound(target, { found, content }, tools))) return null;
  for (;;) {
    tools.signal.throwIfAborted();
    let isDone = false;
    const isWanted = await settle(target, tools, async (writers) => {
      isDone = await writers.knowledge.removeUnlisted(target, pagesPerSlice);
    });
    if (!isWanted) return null;
    if (isDone) break;
  }
  return (await settle(target, tools, (writers) => writers.knowledge.markListed(target))) ? 'listed' : null;
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
