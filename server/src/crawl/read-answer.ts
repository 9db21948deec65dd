import { type WebAnswer, WebError } from '../core/knowledge/web-reader.ts';
import type { OutboundResponse } from '../kit/outbound/outbound.ts';
import { agentName, maxRetryAfterMs } from './crawl-limits.ts';

/** Media types that hold text to be read, or say nothing. */
const readable =
  /^(?:text\/|application\/(?:pdf|x-pdf|xhtml\+xml|octet-stream|csv|vnd\.openxmlformats-officedocument\.wordprocessingml\.document)|binary\/octet-stream|$)/;
const unreadableText = /^text\/(?:css|javascript|calendar|vcard|event-stream)/;

const typeOf = (headers: Readonly<Record<string, string>>): string =>
  (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

/** True where the body is worth reading. */
export const isReadable = ({ status, headers }: Pick<OutboundResponse, 'status' | 'headers'>): boolean => {
  const type = typeOf(headers);
  return status >= 200 && status < 300 && readable.test(type) && !unreadableText.test(type);
};

/** What an answer means. Throws WebError for everything but a page, an unchanged one, and one that has moved. */
export const readAnswer = (url: string, response: OutboundResponse, now: number): WebAnswer => {
  const { status, headers, body } = response;
  if (status === 304) return { kind: 'unchanged' };
  const location = headers['location'];
  if (status >= 300 && status < 400 && location !== undefined && URL.canParse(location, url)) {
    return { kind: 'moved', url: new URL(location, url).href };
  }
  if (status < 200 || status >= 300) throw errorOf(status, headers, now);
  if (!isReadable(response)) {
    throw new WebError('refused', `It is no document that can be read: its type is ${typeOf(headers).slice(0, 100)}.`);
  }
  const robots = robotsWords(headers['x-robots-tag'] ?? '');
  return {
    kind: 'document',
    bytes: body,
    mediaType: headers['content-type']?.slice(0, 200) ?? null,
    charset: /charset\s*=\s*"?([\w.:-]{1,40})/i.exec(headers['content-type'] ?? '')?.[1] ?? null,
    etag: keptHeader(headers['etag']),
    lastModified: keptHeader(headers['last-modified']),
    noIndex: robots.has('noindex') || robots.has('none'),
    noFollow: robots.has('nofollow') || robots.has('none'),
  };
};

/** A longer one is not worth being sent back. */
const maxHeaderCharacters = 256;

const keptHeader = (value: string | undefined): string | null =>
  value !== undefined && value.length <= maxHeaderCharacters ? value : null;

/** Words that are said to everybody or to us: `googlebot: noindex` is for somebody else. */
const robotsWords = (header: string): Set<string> => {
  const words = new Set<string>();
  let isForUs = true;
  for (const part of header.toLowerCase().split(',')) {
    const named = /^\s*([a-z_-]+)\s*:\s*(.*)$/.exec(part);
    const isDirective = named?.[1] === 'unavailable_after' || named?.[1]?.startsWith('max-') === true;
    if (named && !isDirective) isForUs = named[1] === agentName;
    if (isForUs) words.add((named && !isDirective ? (named[2] ?? '') : part).trim());
  }
  return words;
};

const errorOf = (status: number, headers: Readonly<Record<string, string>>, now: number): WebError => {
  if (status === 401 || status === 407) {
    return new WebError(
      'refused',
      `The page asks for a sign-in (HTTP ${status}): make it public, or add it as a file.`,
    );
  }
  if (status === 403) {
    return new WebError(
      'refused',
      'The server does not show the page (HTTP 403): it may ask for a sign-in, or keep programs out.',
    );
  }
  if (status === 404 || status === 410) return new WebError('gone', `There is no such page (HTTP ${status}).`);
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const words = status === 429 ? 'The server has too many requests' : 'The server failed';
    return laterOrNever(`${words} (HTTP ${status})`, headers, now);
  }
  return new WebError('refused', `The server answered with HTTP ${status}.`);
};

/**
 * What may pass, once the time is over that the server asks for; who asks for too long is not asked again by itself, and by
 * nobody until then (`retryAt`).
 */
export const laterOrNever = (words: string, headers: Readonly<Record<string, string>>, now: number): WebError => {
  const retryAt = retryAtOf(headers['retry-after'], now);
  return retryAt !== null && retryAt > now + maxRetryAfterMs
    ? new WebError(
        'refused',
        `${words}, and wants to be left alone until ${minute(retryAt)}. Refresh the source then.`,
        {
          retryAt,
        },
      )
    : new WebError('passing', `${words}.`, { retryAt });
};

const minute = (at: number): string => `${new Date(at).toISOString().slice(0, -8)}Z`;

/** Seconds, or a date (RFC 9110, 10.2.3). */
const retryAtOf = (value: string | undefined, now: number): number | null => {
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value.trim())) return now + Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : at;
};
