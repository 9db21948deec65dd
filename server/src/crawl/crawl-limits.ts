/** Who we are, and where it is said what we do. robots.txt speaks to `parleybot`. */
export const agentName = 'parleybot';
export const userAgent = 'ParleyBot/1.0 (+https://parley.dev/docs/knowledge#crawling)';

/** For a page, from its name to its last byte. */
export const pageTimeoutMs = 30_000;
export const robotsTimeoutMs = 10_000;
/** Longer ones are not kept to: a site of 1,000 pages would take a day. */
export const maxCrawlDelayMs = 10_000;
/** Waiting for longer than this holds up the pages of others: whoever asks for a page comes back later. */
export const pagePatienceMs = 2_000;
/** A sitemap is read in one go, so that it waits for the longest pause there is. */
export const sitemapPatienceMs = maxCrawlDelayMs + 5_000;
/** As long as a server may put us off before its page counts as failed. */
export const maxRetryAfterMs = 15 * 60_000;
/** As long as a server that asks for more is left alone: who leaves it to a date far off may have meant anything. */
export const maxRestMs = 24 * 60 * 60_000;
/** Servers that are left alone; the one that nobody wanted to ask for the longest is forgotten first. */
export const maxResting = 1_000;
/** How long what robots.txt says is believed: about a crawl. */
export const robotsKeptMs = 30 * 60_000;
/** And that it could not be read: less than the five seconds after which a page that failed so is tried again. */
export const robotsFailedMs = 4_000;
/** Sites whose robots.txt is remembered; each may hold 2,000 rules. */
export const maxRobotsKept = 200;
export const maxRobotsRedirects = 5;
/** Sitemaps that a sitemap names, and those they name, in all. */
export const maxSitemaps = 100;
/** A sitemap with all it names is read in one go, which holds one of the few places for sources that long. */
export const maxListingMs = 5 * 60_000;
