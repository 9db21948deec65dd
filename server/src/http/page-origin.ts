import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Page } from '../core/access/authenticate-key.ts';
import { isOrigin } from '../core/access/origin.ts';
import type { EmbedTokens } from '../core/access/embed-token.ts';
import { ParleyError } from '../core/error.ts';
import type { Clock } from '../kit/clock.ts';

/**
 * Which pages may read answers, by the Fetch standard's CORS protocol (https://fetch.spec.whatwg.org/#http-cors-protocol).
 * Only routes for visitors take part in it, and never with credentials: a visitor is who their token says, and no cookie
 * is ever looked at.
 */

/** Headers of answers that a page's script may read. */
const exposedHeaders = [
  'x-request-id',
  'parley-visitor-token',
  'parley-turn-id',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'x-should-retry',
  'idempotent-replayed',
].join(', ');

const requestHeaders = [
  'authorization',
  'content-type',
  'accept',
  'prefer',
  'idempotency-key',
  'last-event-id',
  'parley-visitor-token',
  'parley-user-token',
  'x-request-id',
].join(', ');

/** As long as Chromium keeps it at most. */
const preflightKeptSeconds = 7_200;

/**
 * Lets a page in whose origin the key allows, and lets it read the answer. The page that Parley serves to be framed shows
 * an embed token in place of the origin, from Parley's own. Throws origin_not_allowed and invalid_embed_token.
 */
export const provePageOrigin = (
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  page: Page,
  { embedTokens, clock }: { embedTokens: EmbedTokens; clock: Clock },
): void => {
  const { origin } = request.headers;
  reply.header('vary', 'origin');
  if (origin !== undefined && page.allowedOrigins.includes(origin)) {
    reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': exposedHeaders });
    return;
  }
  const embedToken = request.headers['parley-embed-token'];
  if (typeof embedToken === 'string' && isFromOwnPage(request)) {
    embedTokens.verify(embedToken, { keyId: page.keyId, now: clock() });
    return;
  }
  throw new ParleyError(
    'origin_not_allowed',
    origin === undefined
      ? 'A publishable key works on web pages alone: the request has no `Origin`.'
      : 'The key does not allow the origin of this page.',
  );
};

/**
 * True for a request from a page of Parley's own. A browser says so in `Sec-Fetch-Site`, where it sends it; else by an
 * `Origin` that is the address it asked, or by none, as for a plain GET. A page of somebody else's can set none of these, so
 * that an embed token copied there opens nothing.
 */
const isFromOwnPage = ({ headers, host }: FastifyRequest): boolean => {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin } = headers;
  return origin === undefined || (isOrigin(origin) && new URL(origin).host === host);
};

/**
 * Answers a preflight: which methods and headers the path's routes for visitors take. It carries no key, so that any page
 * may ask; whether this one may come in is decided by the request that follows. False where it is no preflight.
 */
export const answerPreflight = (
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  methods: readonly string[],
): boolean => {
  const { origin } = request.headers;
  if (origin === undefined || !isOrigin(origin)) return false;
  if (request.headers['access-control-request-method'] === undefined) return false;
  void reply
    .code(204)
    .headers({
      vary: 'origin, access-control-request-method, access-control-request-headers',
      'access-control-allow-origin': origin,
      'access-control-allow-methods': methods.join(', '),
      'access-control-allow-headers': requestHeaders,
      'access-control-max-age': String(preflightKeptSeconds),
    })
    .send();
  return true;
};
