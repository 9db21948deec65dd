import { request } from 'undici';
import { readEndpoint } from './openai-compatible/endpoint.ts';

/** How a provider answers when it is asked for its models. `trouble` is a sentence for the operator; no key is in it. */
export type ProviderCheck =
  | { kind: 'reachable' }
  | { kind: 'unsure'; trouble: string }
  | { kind: 'failed'; trouble: string };

const timeoutMs = 5_000;

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'the connection failed';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') {
    return `it did not answer within ${timeoutMs / 1_000} s: is there a firewall or a proxy between?`;
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  if (code === 'ECONNREFUSED') return 'nothing listens there: is it running, and is the port right?';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its name cannot be resolved: check the address and the DNS';
  return `the connection failed (${code})`;
};

/** Asks `GET …/models`, which every OpenAI-compatible service is meant to know and none charges for. */
export const checkProvider = async (provider: { url: string; key: string | null }): Promise<ProviderCheck> => {
  try {
    const { origin, path, headers } = readEndpoint(provider.url, provider.key);
    const { statusCode, body } = await request(`${origin}${path.replace('/chat/completions', '/models')}`, {
      headers,
      signal: AbortSignal.timeout(timeoutMs),
    });
    await body.dump();
    if (statusCode < 300) return { kind: 'reachable' };
    if (statusCode === 401 || statusCode === 403) {
      return { kind: 'failed', trouble: `it refuses the key (${statusCode}): check the provider's KEY variable` };
    }
    if (statusCode === 404) {
      return {
        kind: 'unsure',
        trouble: 'it answers and has no /models: check that the URL ends where /chat/completions begins',
      };
    }
    return { kind: 'unsure', trouble: `it answers with status ${statusCode}` };
  } catch (error) {
    return { kind: 'failed', trouble: reasonOf(error) };
  }
};
