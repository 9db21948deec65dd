/** Where a provider is, as its address was configured. */
export type BaseUrl = {
  origin: string;
  hostname: string;
  /** Without a slash at its end; empty for none. */
  path: string;
  /** With its question mark (Azure's `?api-version=…`); empty for none. */
  query: string;
};

/** What a header's value can carry of a secret: visible ASCII (RFC 9110, 5.5). */
const visibleAscii = /^[\x21-\x7e]+$/;

/**
 * Reads a provider's address and looks at its key. Throws `Error` with a message for the operator where one of them
 * cannot be used; it shows neither.
 */
export const readBaseUrl = (address: string, key: string | null): BaseUrl => {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new Error('a provider URL must begin with https:// or http://');
  }
  if (url.username !== '' || url.password !== '') throw new Error('a provider URL must not hold a user or a password');
  if (key !== null && !visibleAscii.test(key)) throw new Error('a provider key must be visible ASCII without spaces');
  return { origin: url.origin, hostname: url.hostname, path: url.pathname.replace(/\/+$/, ''), query: url.search };
};

/** Headers of every request to a provider, names and values in turn. */
export const commonHeaders: readonly string[] = [
  'content-type',
  'application/json',
  'accept',
  'text/event-stream, application/json',
  // Unpacking costs more than it saves on a stream, and a packed answer may be a bomb.
  'accept-encoding',
  'identity',
  'user-agent',
  'parley',
];
