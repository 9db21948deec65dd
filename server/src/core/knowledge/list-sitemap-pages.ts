import { setTimeout } from 'node:timers/promises';
import { urlWithin } from './crawl-scope.ts';
import { failSource } from './end-round.ts';
import { addFound, settle, type KeepResultTools } from './keep-result.ts';
import type { SourceRevision } from './knowledge-store.ts';
import type { SourceContent } from './source.ts';
import { WebError, type WebReader } from './web-reader.ts';

type Tools = KeepResultTools & { web: WebReader };

/** Pages a transaction removes. */
const pagesPerSlice = 100;
/** A server that fails is asked once more after this long. */
const retryAfterMs = 5_000;

/**
 * Lists the pages of a sitemap, and removes those that are in it no more. Where that fails the source has failed, and is
 * found as it was: null then, as where nobody wants the round any more.
 */
export const listSitemapPages = async (
  target: SourceRevision,
  content: Extract<SourceContent, { type: 'sitemap' }>,
  tools: Tools,
): Promise<'listed' | { resumeAt: number } | null> => {
  let urls: string[];
  try {
    urls = await readSitemap(content, tools);
  } catch (error) {
    tools.signal.throwIfAborted();
    if (!(error instanceof WebError)) throw error;
    if (error.kind === 'wait') return { resumeAt: error.retryAt ?? tools.clock() };
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

const readSitemap = async (
  content: Extract<SourceContent, { type: 'sitemap' }>,
  { web, signal }: Pick<Tools, 'web' | 'signal'>,
): Promise<string[]> => {
  const request = {
    url: content.url,
    take: (url: string) => urlWithin(content, url),
    limit: content.maxPages,
    signal,
  };
  try {
    return await web.listSitemap(request);
  } catch (error) {
    if (!(error instanceof WebError) || error.kind !== 'passing') throw error;
    await setTimeout(retryAfterMs, undefined, { signal });
    return web.listSitemap(request);
  }
};
