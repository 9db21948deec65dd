import { maxDocumentLinks } from '../../../core/knowledge/document-limits.ts';
import type { DomDocument } from './dom.ts';

/** Links and addresses of a page, against the URL it was fetched from, or the base that it names. */
export const pageLinks = (
  document: DomDocument,
  url: string | null,
): { links: string[]; canonicalUrl: string | null } => {
  const base = resolveUrl(document.querySelector('base[href]')?.getAttribute('href') ?? '', url) ?? url;
  const links = new Set<string>();
  for (const anchor of document.querySelectorAll('a[href],area[href]')) {
    if (links.size >= maxDocumentLinks) break;
    if (/\bnofollow\b/i.test(anchor.getAttribute('rel') ?? '')) continue;
    const link = resolveUrl(anchor.getAttribute('href') ?? '', base);
    if (link !== null) links.add(link);
  }
  const canonical = document.querySelector('link[rel="canonical" i]')?.getAttribute('href') ?? '';
  return { links: [...links], canonicalUrl: resolveUrl(canonical, base) };
};

/** Longer ones lead nowhere that a server would answer. */
const maxUrlCharacters = 2_048;

const resolveUrl = (href: string, base: string | null): string | null => {
  const text = href.trim();
  if (text === '' || text.length > maxUrlCharacters || text.startsWith('#')) return null;
  const url = URL.parse(text, base ?? undefined);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null;
  url.hash = '';
  return url.href;
};
