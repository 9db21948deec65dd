import { setMaxListeners } from 'node:events';
import { Agent, type buildConnector, type Dispatcher } from 'undici';
import { followRedirect, type Hop, isRedirect } from './follow-redirect.ts';
import { createGuardedConnector } from './guarded-connector.ts';
import { OutboundError } from './outbound-error.ts';
import { type OutboundAnswer, PostExchange } from './post-exchange.ts';
import { readBody, skipBody } from './read-body.ts';
import { type OutboundPolicy, readTarget } from './read-target.ts';
import { createResolveHost, type ResolveHost } from './resolve-host.ts';

/**
 * The only way to an address that a tenant supplied. http and https; ports 80, 443, 8443 and those the operator adds; a
 * name is resolved, every one of its addresses has to be of the public internet and not of this machine, and the
 * connection is made to the one that was checked. Redirects are off unless asked for, and each is judged anew.
 */
export type Outbound = {
  /** The whole answer, whatever its status. Throws OutboundError and nothing else. */
  fetch(url: string, request: OutboundRequest): Promise<OutboundResponse>;
  /**
   * Posts JSON, for the status of the answer and nothing more: no redirect is followed, and whatever the body does, it
   * spoils nothing. `timeoutMs`: for connecting, sending and the answer's headers. Throws
   * OutboundError and nothing else.
   */
  post(
    url: string,
    message: { headers: Readonly<Record<string, string>>; body: string; timeoutMs: number },
  ): Promise<OutboundAnswer>;
  /** What is wrong with an address as it is written, as a sentence to be shown; null where nothing is. */
  problemOf(url: string): string | null;
  /** True where the operator has listed the address's origin, so that plain http is no concern. */
  isAllowed(url: string): boolean;
  /** undici's connector with the guard in it, for a pool of one's own. Fails with OutboundError. */
  connect: buildConnector.connector;
  /** Sends anything of undici's through the guard; for answers that are read as they come. */
  dispatcher: Dispatcher;
  close(): Promise<void>;
};

export type OutboundRequest = {
  method?: Dispatcher.HttpMethod;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** For everything: resolving, connecting, redirects, the last byte of the answer. */
  timeoutMs: number;
  /** Of the answer's body once it is unpacked; none is read without it. */
  maxBytes?: number;
  /** Decides by status and headers whether the body is read; it is without it. */
  wantsBody?: (head: Pick<OutboundResponse, 'status' | 'headers'>) => boolean;
  /** How many are followed; 0 unless given, and the answer is then the redirect itself. */
  redirects?: number;
  signal?: AbortSignal;
};

export type OutboundResponse = {
  status: number;
  /** By their names in lower case; several of one name are joined by a comma. */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
  /** Where the answer came from, after redirects. */
  url: string;
};

export type OutboundOptions = {
  /** Exact origins that the operator trusts, whatever they resolve to. */
  allowOrigins?: readonly string[];
  /** Beside 80, 443 and 8443. */
  ports?: readonly number[];
  resolve?: ResolveHost;
};

const maxHeaderBytes = 32_768;
/** For several endpoints of one origin at once, so that one that does not answer leaves room for the others. */
const connectionsPerOrigin = 64;
/** Shorter than most servers', so that few requests meet a connection that is just being closed. */
const keepAliveMs = 4_000;

/** Addresses that need not be read again; more than most installations have endpoints. */
const maxPlaces = 1_000;

/** Names and values in turn, as undici takes them fastest. */
const postHeaders: readonly string[] = [
  'content-type',
  'application/json',
  'user-agent',
  'parley',
  'accept-encoding',
  'identity',
];

const flatten = (headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );

/** Its own `accept-encoding`, unless the caller has another: an answer of a few KB gains nothing from being packed. */
const withDefaults = (headers: Record<string, string> = {}): Record<string, string> => ({
  'user-agent': 'parley',
  'accept-encoding': 'identity',
  ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
});

export const createOutbound = (options: OutboundOptions = {}): Outbound => {
  const policy: OutboundPolicy = {
    allowOrigins: new Set((options.allowOrigins ?? []).map((origin) => new URL(origin).origin)),
    ports: new Set(options.ports ?? []),
  };
  const closing = new AbortController();
  // every attempt under way listens
  setMaxListeners(0, closing.signal);
  const connect = createGuardedConnector({
    policy,
    resolve: options.resolve ?? createResolveHost(),
    signal: closing.signal,
  });
  const dispatcher = new Agent({
    connect,
    connections: connectionsPerOrigin,
    pipelining: 1,
    allowH2: false,
    maxHeaderSize: maxHeaderBytes,
    keepAliveTimeout: keepAliveMs,
    // the limit on the whole stands above these
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  const exchange = async (
    hop: Hop,
    limits: { signal: AbortSignal; maxBytes: number; wantsBody: NonNullable<OutboundRequest['wantsBody']> },
  ): Promise<OutboundResponse & { location: string | undefined }> => {
    const { statusCode, headers, body } = await dispatcher.request({
      origin: hop.url.origin,
      path: `${hop.url.pathname}${hop.url.search}`,
      method: hop.method,
      headers: hop.headers,
      body: hop.body,
      signal: limits.signal,
    });
    const flat = flatten(headers);
    return {
      status: statusCode,
      headers: flat,
      body: limits.wantsBody({ status: statusCode, headers: flat })
        ? await readBody(body, { encoding: flat['content-encoding'], maxBytes: limits.maxBytes })
        : await skipBody(body),
      url: hop.url.href,
      location: flat['location'],
    };
  };

  const follow = async (url: string, request: OutboundRequest, signal: AbortSignal): Promise<OutboundResponse> => {
    let hop: Hop = {
      url: readTarget(url, policy).url,
      method: request.method ?? 'GET',
      headers: withDefaults(request.headers),
      body: request.body ?? null,
    };
    const allowed = request.redirects ?? 0;
    for (let followed = 0; ; followed += 1) {
      const { location, ...response } = await exchange(hop, {
        signal,
        maxBytes: request.maxBytes ?? 0,
        wantsBody: request.wantsBody ?? (() => true),
      });
      if (allowed === 0 || !isRedirect(response.status, location)) return response;
      if (followed === allowed) throw new OutboundError('redirected');
      hop = followRedirect(hop, response.status, location);
      hop.url = readTarget(hop.url.href, policy).url;
    }
  };

  const places = new Map<string, { origin: string; path: string }>();
  /** Of an address as it is written; it is written the same each time. */
  const placeOf = (url: string): { origin: string; path: string } => {
    const known = places.get(url);
    if (known) return known;
    const { origin, pathname, search } = readTarget(url, policy).url;
    const place = { origin, path: pathname + search };
    if (places.size >= maxPlaces) places.clear();
    places.set(url, place);
    return place;
  };

  return {
    async post(url, { headers, body, timeoutMs }) {
      const place = placeOf(url);
      const posted = new PostExchange(timeoutMs);
      const named = [...postHeaders, ...Object.entries(headers).flat()];
      try {
        dispatcher.dispatch({ ...place, method: 'POST', headers: named, body }, posted);
      } catch (error) {
        posted.fail(error);
      }
      return posted.answer;
    },
    async fetch(url, request) {
      const timeout = AbortSignal.timeout(request.timeoutMs);
      const signal = request.signal ? AbortSignal.any([timeout, request.signal]) : timeout;
      try {
        return await follow(url, request, signal);
      } catch (error) {
        if (error instanceof OutboundError) throw error;
        if (request.signal?.aborted === true) throw new OutboundError('aborted', { cause: error });
        throw new OutboundError(timeout.aborted ? 'timeout' : 'broken', { cause: error });
      }
    },
    problemOf(url) {
      try {
        readTarget(url, policy);
        return null;
      } catch (error) {
        if (error instanceof OutboundError) return error.message;
        throw error;
      }
    },
    isAllowed: (url) => URL.canParse(url) && policy.allowOrigins.has(new URL(url).origin),
    connect,
    dispatcher,
    close: () => {
      closing.abort();
      return dispatcher.destroy();
    },
  };
};
