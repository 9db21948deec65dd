import { commonHeaders, readBaseUrl } from '../exchange/base-url.ts';
import type { Endpoint } from '../exchange/endpoint.ts';

const azureHosts = /\.(openai\.azure\.com|cognitiveservices\.azure\.com|services\.ai\.azure\.com)$/;

/**
 * Reads a provider's base URL: `https://api.openai.com/v1`, `http://127.0.0.1:11434/v1`,
 * `https://<resource>.openai.azure.com/openai/deployments/<name>?api-version=…`. Throws `Error` with a message for the
 * operator where URL or key cannot be used; it shows neither.
 */
export const readEndpoint = (baseUrl: string, key: string | null): Endpoint =>
  endpointOf(baseUrl, key, (path) => (path.endsWith('/chat/completions') ? path : `${path}/chat/completions`));

/** As `readEndpoint`, for `/embeddings` of the same provider. */
export const readEmbeddingsEndpoint = (baseUrl: string, key: string | null): Endpoint =>
  endpointOf(baseUrl, key, (path) => {
    const base = path.endsWith('/chat/completions') ? path.slice(0, -'/chat/completions'.length) : path;
    return base.endsWith('/embeddings') ? base : `${base}/embeddings`;
  });

const endpointOf = (baseUrl: string, key: string | null, ownPath: (path: string) => string): Endpoint => {
  const { origin, hostname, path, query } = readBaseUrl(baseUrl, key);
  return { origin, path: ownPath(path) + query, headers: [...commonHeaders, ...authHeaders(hostname, key)] };
};

const authHeaders = (hostname: string, key: string | null): string[] => {
  if (key === null) return [];
  return azureHosts.test(hostname) ? ['api-key', key] : ['authorization', `Bearer ${key}`];
};
