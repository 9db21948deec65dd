import { createHash } from 'node:crypto';
import { chunkBlocks } from './chunk-blocks.ts';
import { urlWithin } from './crawl-scope.ts';
import { DocumentError } from './document-error.ts';
import { decideFormat } from './document-format.ts';
import type { DocumentParser, ParsedDocument } from './document-parser.ts';
import type { KnowledgeReader, PageReading, SourceRevision } from './knowledge-store.ts';
import { normaliseUrl } from './page-url.ts';
import { ended, postponed, type ReadResult } from './read-result.ts';
import type { SourceContent } from './source.ts';
import type { NewPage, SourcePage } from './source-page.ts';
import { type WebAnswer, WebError, type WebReader } from './web-reader.ts';

export type ReadWebTools = {
  knowledge: Pick<KnowledgeReader, 'findTwin' | 'findPage'>;
  web: WebReader;
  parser: DocumentParser;
  clock: () => number;
  signal: AbortSignal;
};

export type WebContent = Extract<SourceContent, { type: 'url' | 'sitemap' | 'site' }>;

type WebPage = SourcePage & { url: string };

type Reading = { target: SourceRevision; content: WebContent; page: WebPage; tools: ReadWebTools };

/** Grows when the same page would be read as something else, so that a refresh writes it anew. */
const readerVersion = 1;
const maxRedirects = 5;

/** Reads a page of the web: a new one, or what has changed of it. */
export const readWebPage = async (reading: Reading): Promise<ReadResult> => {
  const { page, content, tools } = reading;
  try {
    const answer = await follow(reading);
    if ('outcome' in answer) return answer;
    if (answer.kind === 'unchanged') return ended('ready', null);
    return await readDocument(reading, answer);
  } catch (error) {
    tools.signal.throwIfAborted();
    if (error instanceof WebError) return afterWebError(error, { page, content, now: tools.clock() });
    if (!(error instanceof DocumentError)) throw error;
    const giveUp = ended('failed', error.message);
    return error.canRetry ? postponed(page.failures, { now: tools.clock(), retryAt: null, giveUp }) : giveUp;
  }
};

const afterWebError = (
  error: WebError,
  { page, content, now }: { page: WebPage; content: WebContent; now: number },
): ReadResult => {
  const { kind, message, retryAt, hides: hide } = error;
  const isOneOfMany = content.type !== 'url';
  switch (kind) {
    case 'wait':
      return { found: [], outcome: { kind: 'pause', resumeAt: retryAt ?? now } };
    case 'passing':
      return postponed(page.failures, { now, retryAt, giveUp: ended('failed', message, { hide }) });
    case 'gone':
      // a site begins anew at its first page, so that it has to stay known
      if (isOneOfMany && page.version !== null && page.url !== content.url)
        return { found: [], outcome: { kind: 'remove' } };
      return ended('failed', message, { hide });
    case 'refused':
      // what robots.txt keeps us from is left out on purpose
      return ended(isOneOfMany && hide ? 'skipped' : 'failed', message, { hide });
  }
};

type Document = Extract<WebAnswer, { kind: 'document' }> & { url: string };

/** Asks for the page, and for where it leads; a page of a crawl that leads to another is left to that one. */
const follow = async ({ content, page, tools }: Reading): Promise<ReadResult | Document | { kind: 'unchanged' }> => {
  const { etag, lastModified } = page.version === null ? { etag: null, lastModified: null } : page;
  let url = page.url;
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const known = hops === 0 ? { etag, lastModified } : { etag: null, lastModified: null };
    const answer = await tools.web.readPage({ url, ...known, signal: tools.signal });
    if (answer.kind !== 'moved') return answer.kind === 'document' ? { ...answer, url } : answer;
    const next = normaliseUrl(answer.url);
    if (next === null) return ended('failed', 'It leads to what is no address of a web page.');
    if (content.type !== 'url') {
      const within = urlWithin(content, next);
      if (within === null) return ended('skipped', `It leads out of what is read, to ${next}`, { hide: true });
      if (within !== page.url) {
        const found = [{ url: within, depth: page.depth }];
        return ended('skipped', `It leads to ${within}`, { hide: true, found });
      }
    }
    url = next;
  }
  return ended('failed', `It leads on more than ${maxRedirects} times.`);
};

const readDocument = async (reading: Reading, answer: Document): Promise<ReadResult> => {
  const { target, content, page, tools } = reading;
  const unwanted = 'It asks not to be indexed (noindex).';
  if (answer.noIndex && answer.noFollow) return ended('skipped', unwanted, { hide: true });
  const { bytes, mediaType, charset, url } = answer;
  const name = nameOf(url);
  const format = decideFormat({ name, mediaType, bytes });
  const { workspaceId } = target;
  const document = await tools.parser.parse({ workspaceId, format, bytes, name, url, charset, signal: tools.signal });
  const found = document.noFollow || answer.noFollow ? [] : pagesBehind(document, { content, page });
  if (document.noIndex || answer.noIndex) return ended('skipped', unwanted, { hide: true, found });
  const original = await findOriginal(reading, document.canonicalUrl);
  if (original !== null) {
    found.unshift({ url: original, depth: page.depth });
    return ended('skipped', `It says that it is a copy of ${original}`, { hide: true, found });
  }
  const contentHash = hashOf(document);
  const { etag, lastModified } = answer;
  const { title, warnings } = document;
  const result: PageReading = { title, etag, lastModified, contentHash, fetchedAt: tools.clock(), warnings };
  if (page.version !== null && page.contentHash === contentHash)
    return ended('ready', null, { reading: result, found });
  if (content.type !== 'url') {
    const twin = await tools.knowledge.findTwin(target, { number: page.number, contentHash });
    if (twin !== null) return ended('skipped', `It holds the same as ${twin}`, { hide: true, found });
  }
  const passages = await chunkBlocks(document.blocks);
  if (passages.length > 0) return { found, outcome: { kind: 'write', passages, reading: result } };
  const status = content.type === 'url' ? 'failed' : 'skipped';
  return ended(status, 'There is no text in it besides headings.', { hide: true, found });
};

/** The last part of a URL's path, as a file is called. */
const nameOf = (url: string): string | null => new URL(url).pathname.split('/').at(-1) || null;

const pagesBehind = (
  document: ParsedDocument,
  { content, page }: { content: WebContent; page: WebPage },
): NewPage[] => {
  if (content.type !== 'site' || page.depth >= content.maxDepth) return [];
  const urls = new Set(document.links.map((link) => urlWithin(content, link)).filter((url) => url !== null));
  urls.delete(page.url);
  return Array.from(urls, (url) => ({ url, depth: page.depth + 1 }));
};

/**
 * The page that this one says it is a copy of, where that belongs to the source and is not itself left out: of two pages
 * that each name the other, one is kept.
 */
const findOriginal = async (
  { target, content, page, tools }: Reading,
  canonical: string | null,
): Promise<string | null> => {
  if (canonical === null || content.type === 'url') return null;
  const url = urlWithin(content, canonical);
  if (url === null || url === page.url) return null;
  const known = await tools.knowledge.findPage(target, url);
  // a sitemap says itself what belongs to it
  if (known === null) return content.type === 'sitemap' ? null : url;
  return known.status === 'skipped' || known.status === 'failed' ? null : url;
};

const hashOf = ({ title, blocks }: ParsedDocument): string =>
  createHash('sha256')
    .update(JSON.stringify([readerVersion, title, blocks]))
    .digest('base64url');
