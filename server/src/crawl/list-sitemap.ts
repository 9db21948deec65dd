import { setImmediate } from 'node:timers/promises';
import { type SitemapListing, type SitemapRequest, WebError } from '../core/knowledge/web-reader.ts';
import type { Clock } from '../kit/clock.ts';
import { maxListingMs, maxSitemaps } from './crawl-limits.ts';
import type { SitemapText } from './read-sitemap-text.ts';

type Tools = { readSitemap: (url: string, signal: AbortSignal) => Promise<SitemapText>; clock: Clock };

/** Locations that are looked at in one go, about 5 ms, before turns get their share of the processor again. */
const locationsPerBreath = 100;

/** See `WebReader.listSitemap`. */
export const listSitemap = async (
  { url, take, limit, signal }: SitemapRequest,
  { readSitemap, clock }: Tools,
): Promise<SitemapListing> => {
  const found = new Set<string>();
  const failures: SitemapListing['failures'] = [];
  const open = [url];
  const until = clock() + maxListingMs;
  for (let at = 0; at < Math.min(open.length, maxSitemaps) && found.size < limit; at++) {
    const from = open[at] ?? '';
    const read = clock() > until ? tooLate() : await readSitemap(from, signal).catch(toFailure);
    if (read instanceof WebError) {
      // the whole has failed with its first sitemap; where a pause is asked for nothing has, and all is listed after it
      if (at === 0 || (read.kind === 'wait' && !failures.some(({ error }) => error.kind === 'passing'))) throw read;
      failures.push({ url: from, error: read });
      continue;
    }
    for (const [place, location] of read.locations.entries()) {
      if (place % locationsPerBreath === locationsPerBreath - 1) await setImmediate();
      if (!URL.canParse(location, url)) continue;
      const absolute = new URL(location, url).href;
      if (read.isIndex) {
        if (!open.includes(absolute) && open.length < maxSitemaps) open.push(absolute);
        continue;
      }
      const taken = take(absolute);
      if (taken !== null) found.add(taken);
      if (found.size >= limit) break;
    }
  }
  return { urls: [...found], failures };
};

const toFailure = (error: unknown): WebError => {
  if (error instanceof WebError) return error;
  throw error;
};

const tooLate = (): WebError =>
  new WebError('refused', 'Reading the sitemaps before it took too long. Add it as a source of its own.');
