import { gunzip } from 'node:zlib';
import { promisify } from 'node:util';
import { maxDocumentBytes } from '../core/knowledge/document-limits.ts';
import { WebError, type PageRequest, type WebAnswer, type WebReader } from '../core/knowledge/web-reader.ts';
import { BoundedCache } from '../kit/bounded-cache.ts';
import type { Clock } from '../kit/clock.ts';
import { OutboundError } from '../kit/outbound/outbound-error.ts';
import type { Outbound, OutboundRequest, OutboundResponse } from '../kit/outbound/outbound.ts';
import {
  maxCrawlDelayMs,
  maxResting,
  maxRestMs,
  pagePatienceMs,
  pageTimeoutMs,
  sitemapPatienceMs,
  userAgent,
} from './crawl-limits.ts';
import { listSitemap } from './list-sitemap.ts';
import { OriginGate } from './origin-gate.ts';
import { isReadable, readAnswer } from './read-answer.ts';
import { maxSitemapBytes, problemOfSitemap, readSitemapText, type SitemapText } from './read-sitemap-text.ts';
import { RobotsCache } from './robots-cache.ts';

export type WebReaderOptions = {
  outbound: Pick<Outbound, 'fetch' | 'problemOf'>;
  clock: Clock;
  /** Between two requests to one server, at least. */
  delayMs: number;
};

type PoliteRequest = Omit<OutboundRequest, 'timeoutMs'> & { patienceMs: number; signal: AbortSignal };

const acceptedTypes =
  'text/html,application/xhtml+xml,application/pdf;q=0.9,text/markdown;q=0.9,text/plain;q=0.8,*/*;q=0.1';

export const createWebReader = ({ outbound, clock, delayMs }: WebReaderOptions): WebReader => {
  const gate = new OriginGate(clock);
  const robots = new RobotsCache(outbound, clock);
  /** What is said of servers that want to be left alone for long, by origin. */
  const resting = new BoundedCache<string, string>({ maxEntries: maxResting, ttlMs: maxRestMs, clock });

  /** One request, when its turn has come, if robots.txt lets it. */
  const ask = async (url: string, { patienceMs, ...request }: PoliteRequest): Promise<OutboundResponse> => {
    const problem = outbound.problemOf(url);
    if (problem !== null) throw new WebError('refused', `${sentence(problem)}.`);
    const { origin } = new URL(url);
    const { signal } = request;
    const rules =
      robots.get(origin) ?? (await pass(origin, { delayMs, patienceMs, signal }, () => robots.load(origin, signal)));
    if (!rules.allows(url)) {
      throw new WebError('refused', 'Its robots.txt does not allow ParleyBot to read it.', { hides: true });
    }
    const pauseMs = Math.max(delayMs, Math.min(rules.delayMs ?? 0, maxCrawlDelayMs));
    return pass(origin, { delayMs: pauseMs, patienceMs, signal }, () =>
      outbound.fetch(url, { ...request, timeoutMs: pageTimeoutMs }),
    );
  };

  const pass = async <Result>(
    origin: string,
    options: { delayMs: number; patienceMs: number; signal: AbortSignal },
    request: () => Promise<Result>,
  ): Promise<Result> => {
    refuseResting(origin);
    const passed = await gate.pass(origin, options, () => {
      // somebody may have been told so meanwhile
      refuseResting(origin);
      return request();
    });
    if ('result' in passed) return passed.result;
    throw new WebError('wait', 'The server is given a pause.', { retryAt: passed.retryAt });
  };

  const refuseResting = (origin: string): void => {
    const words = resting.get(origin);
    if (words !== undefined) throw new WebError('refused', words);
  };

  /** Keeps everybody off the server for as long as it asks for; where that is long they are told so, and do not wait. */
  const leaveAlone = (origin: string, { kind, retryAt, message }: WebError): void => {
    if (retryAt === null) return;
    if (kind === 'passing') gate.holdOff(origin, retryAt);
    if (kind === 'refused') resting.set(origin, message, Math.min(retryAt - clock(), maxRestMs));
  };

  /**
   * What `judge` makes of the answer. With what went wrong in the words of the owner; and where the server asks for a pause,
   * with its robots.txt, too, it is left alone.
   */
  const read = async <Result>(
    url: string,
    request: PoliteRequest,
    judge: (response: OutboundResponse) => Result,
  ): Promise<Result> => {
    try {
      return judge(await ask(url, request));
    } catch (error) {
      request.signal.throwIfAborted();
      if (error instanceof OutboundError) throw toWebError(error);
      if (error instanceof WebError) leaveAlone(new URL(url).origin, error);
      throw error;
    }
  };

  const readPage = ({ url, etag, lastModified, signal }: PageRequest): Promise<WebAnswer> => {
    const request = {
      headers: {
        'user-agent': userAgent,
        accept: acceptedTypes,
        'accept-encoding': 'gzip, deflate, br',
        ...(etag === null ? {} : { 'if-none-match': etag }),
        ...(lastModified === null ? {} : { 'if-modified-since': lastModified }),
      },
      maxBytes: maxDocumentBytes,
      patienceMs: pagePatienceMs,
      wantsBody: isReadable,
      signal,
    };
    return read(url, request, (response) => readAnswer(url, response, clock()));
  };

  const readSitemap = async (url: string, signal: AbortSignal) => {
    let from = url;
    for (let hops = 0; hops <= maxSitemapRedirects; hops++) {
      const request = {
        headers: { 'user-agent': userAgent, accept: 'application/xml,text/xml,text/plain', 'accept-encoding': 'gzip' },
        maxBytes: maxSitemapBytes,
        patienceMs: sitemapPatienceMs,
        wantsBody: ({ status }: { status: number }) => status >= 200 && status < 300,
        signal,
      };
      const answer = await read(from, request, (response) => judgeSitemap(from, response, clock()));
      if ('body' in answer) return toSitemap(await unpack(answer.body));
      from = answer.movedTo;
    }
    throw new WebError('refused', 'The sitemap leads on and on.');
  };

  return {
    readPage,
    listSitemap: (request) => listSitemap(request, { readSitemap, clock }),
  };
};

const maxSitemapRedirects = 3;

/** Throws WebError for everything but a sitemap and where it has moved. */
const judgeSitemap = (url: string, response: OutboundResponse, now: number): { body: Buffer } | { movedTo: string } => {
  const { status, body } = response;
  if (status >= 200 && status < 300) return { body };
  const answer = readAnswer(url, response, now);
  if (answer.kind === 'moved') return { movedTo: answer.url };
  throw new WebError('refused', `The server answered with HTTP ${status}.`);
};

/** Throws WebError where it is something else: most servers answer with a page where they have no sitemap. */
const toSitemap = (text: string): SitemapText => {
  const sitemap = readSitemapText(text);
  const problem = sitemap.locations.length > 0 ? null : problemOfSitemap(text);
  if (problem !== null) throw new WebError('refused', problem);
  return sitemap;
};

const unzip = promisify(gunzip);

/** A `.xml.gz` is packed in itself, whatever its headers say. */
const unpack = async (body: Buffer): Promise<string> => {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body.toString('utf8');
  try {
    return (await unzip(body, { maxOutputLength: maxSitemapBytes })).toString('utf8');
  } catch (error) {
    throw new WebError('refused', 'The sitemap cannot be unpacked, or is too large.', { cause: error });
  }
};

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const toWebError = (error: OutboundError): WebError => {
  const mayPass = error.kind === 'unreachable' || error.kind === 'timeout' || error.kind === 'broken';
  return new WebError(mayPass ? 'passing' : 'refused', `${sentence(error.message)}.`, { cause: error });
};
