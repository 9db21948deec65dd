/** Where a provider's chat completions are, and the headers every request to it carries. */
export type Endpoint = {
  origin: string;
  /** With the query of the configured URL (Azure's `api-version`). */
  path: string;
  /** Names and values in turn, as undici takes them fastest. */
  headers: string[];
};

const azureHosts = /\.(openai\.azure\.com|cognitiveservices\.azure\.com|services\.ai\.azure\.com)$/;

/** What a header's value can carry of a secret: visible ASCII (RFC 9110, 5.5). */
const visibleAscii = /^[\x21-\x7e]+$/;

/**
 * Reads a provider's base URL: `https://api.openai.com/v1`, `http://127.0.0.1:11434/v1`,
 * `https://<resource>.openai.azure.com/openai/deployments/<name>?api-version=…`. Throws `Error` with a message for the
 * operator where URL or key cannot be used; it shows neither.
 */
export const readEndpoint = (baseUrl: string, key: string | null): Endpoint => {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new Error('a provider URL must begin with https:// or http://');
  }
  if (url.username !== '' || url.password !== '') throw new Error('a provider URL must not hold a user or a password');
  if (key !== null && !visibleAscii.test(key)) throw new Error('a provider key must be visible ASCII without spaces');
  const base = url.pathname.replace(/\/+$/, '');
  const path = base.endsWith('/chat/completions') ? base : `${base}/chat/completions`;
  return { origin: url.origin, path: path + url.search, headers: buildHeaders(url, key) };
};

const buildHeaders = (url: URL, key: string | null): string[] => {
  const headers = [
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
  if (key === null) return headers;
  return azureHosts.test(url.hostname) ? [...headers, 'api-key', key] : [...headers, 'authorization', `Bearer ${key}`];
};
