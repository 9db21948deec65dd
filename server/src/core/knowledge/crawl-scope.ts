import { isOtherFile, isSameSite, normaliseUrl } from './page-url.ts';
import type { SourceContent } from './source.ts';

type Crawled = Extract<SourceContent, { type: 'site' | 'sitemap' }>;

/**
 * The URL of a page as it is known, where it belongs to what the owner of the source asked for; null otherwise. A site
 * ends at its host and at the folder of the URL that it begins with; a sitemap at its host alone, since it says itself
 * what belongs to it.
 */
export const urlWithin = (content: Crawled, link: string): string | null => {
  const url = normaliseUrl(link);
  if (url === null || !isSameSite(url, content.url) || isOtherFile(url)) return null;
  const { pathname } = new URL(url);
  if (content.type === 'site' && !isBelow(pathname, folderOf(new URL(content.url).pathname))) return null;
  if (content.include.length > 0 && !content.include.some((prefix) => isBelow(pathname, prefix))) return null;
  return content.exclude.some((prefix) => isBelow(pathname, prefix)) ? null : url;
};

const shownProtocol = /^(?:https?|ftp|file):/;

/**
 * Why what a sitemap lists is no page of the source, for its owner; null where it is one, where the owner left it out, and
 * for what leads nowhere at all.
 */
export const whyNotWithin = (content: Crawled, link: string): string | null => {
  if (!shownProtocol.test(link)) return null;
  const url = normaliseUrl(link);
  if (url === null) return 'It is no address of a web page.';
  if (!isSameSite(url, content.url)) return 'It is of another host or port than the sitemap, and only those are read.';
  return isOtherFile(url) ? 'It is a kind of file that is not read.' : null;
};

/** `/docs/` for `/docs/`, `/docs/intro` and `/docs/intro.html`; `/` for `/docs`, which may be a page. */
const folderOf = (pathname: string): string => pathname.slice(0, pathname.lastIndexOf('/') + 1);

/** `/docs` holds `/docs` and `/docs/intro`, and not `/docs-old`. */
const isBelow = (pathname: string, prefix: string): boolean => {
  const bare = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
  return pathname === bare || pathname === prefix || pathname.startsWith(`${bare}/`);
};
