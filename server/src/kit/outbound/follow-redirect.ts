import { OutboundError } from './outbound-error.ts';

/** What is sent; a redirect may change all of it. */
export type Hop = { url: URL; method: string; headers: Record<string, string>; body: string | Uint8Array | null };

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What a server was trusted with is not for the next one. */
const credentials: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
  'x-api-key',
  'api-key',
]);

export const isRedirect = (status: number, location: string | undefined): location is string =>
  redirects.has(status) && location !== undefined;

const without = (headers: Record<string, string>, refused: (name: string) => boolean): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !refused(name.toLowerCase())));

/**
 * The request that a redirect asks for, as fetch makes it (https://fetch.spec.whatwg.org/#http-redirect-fetch): 303
 * becomes GET, and so does a POST after 301 and 302; credentials stay within their origin. From https to http is refused.
 */
export const followRedirect = (hop: Hop, status: number, location: string): Hop => {
  if (!URL.canParse(location, hop.url.href)) throw new OutboundError('broken');
  const url = new URL(location, hop.url.href);
  if (hop.url.protocol === 'https:' && url.protocol !== 'https:') throw new OutboundError('redirected');
  const kept = url.origin === hop.url.origin ? hop.headers : without(hop.headers, (name) => credentials.has(name));
  const becomesGet =
    (status === 303 && hop.method !== 'HEAD') || ((status === 301 || status === 302) && hop.method === 'POST');
  if (!becomesGet) return { ...hop, url, headers: kept };
  return { url, method: 'GET', headers: without(kept, (name) => name.startsWith('content-')), body: null };
};
