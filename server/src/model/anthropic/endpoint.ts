import { commonHeaders, readBaseUrl } from '../exchange/base-url.ts';
import type { Endpoint } from '../exchange/endpoint.ts';

/** The version of the dialect; https://docs.claude.com/en/api/versioning. */
const apiVersion = '2023-06-01';

/**
 * Reads a provider's base URL, `https://api.anthropic.com/v1`. Throws `Error` with a message for the operator where URL
 * or key cannot be used; it shows neither.
 */
export const readEndpoint = (baseUrl: string, key: string | null): Endpoint => {
  const { origin, path, query } = readBaseUrl(baseUrl, key);
  const ownPath = path.endsWith('/messages') ? path : `${path}/messages`;
  const auth = key === null ? [] : ['x-api-key', key];
  return { origin, path: ownPath + query, headers: [...commonHeaders, 'anthropic-version', apiVersion, ...auth] };
};
