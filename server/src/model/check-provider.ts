import { type Dispatcher, request } from 'undici';
import { OutboundError } from '../kit/outbound/outbound-error.ts';
import { readBody } from '../kit/outbound/read-body.ts';
import { readEndpoint as readAnthropic } from './anthropic/endpoint.ts';
import type { ProviderType } from './create-client.ts';
import { readBaseUrl } from './exchange/base-url.ts';
import { maxModelListBytes, problemOfModelList } from './model-list.ts';
import { readEndpoint as readOpenAiCompatible } from './openai-compatible/endpoint.ts';

/** How a provider answers when it is asked for its models. `trouble` is a sentence for the operator; no key is in it. */
export type ProviderCheck =
  | { kind: 'reachable' }
  | { kind: 'unsure'; trouble: string }
  | { kind: 'failed'; trouble: string };

const timeoutMs = 5_000;

const reasonOf = (error: unknown): string => {
  // From the guard over tenants' addresses, which says nothing of what stands behind them.
  if (error instanceof OutboundError) return error.message;
  if (!(error instanceof Error)) return 'the connection failed';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') {
    return `it did not answer within ${timeoutMs / 1_000} s: is there a firewall or a proxy between?`;
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  if (code === 'ECONNREFUSED') return 'nothing listens there: is it running, and is the port right?';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its name cannot be resolved: check the address and the DNS';
  return `the connection failed (${code})`;
};

type Question = { url: string; headers: string[] };

/** Where each type is asked for its models, which none charges for. */
const questions: Readonly<Record<ProviderType, (url: string, key: string | null) => Question>> = {
  'openai-compatible': (url, key) => {
    const { origin, path, headers } = readOpenAiCompatible(url, key);
    return { url: `${origin}${path.replace('/chat/completions', '/models')}`, headers };
  },
  anthropic: (url, key) => {
    const { origin, path, headers } = readAnthropic(url, key);
    return { url: `${origin}${path.replace('/messages', '/models')}`, headers };
  },
  google: (url, key) => {
    const { origin, path } = readBaseUrl(url, key);
    return { url: `${origin}${path}/models`, headers: key === null ? [] : ['x-goog-api-key', key] };
  },
};

/**
 * Asks a provider for its models. A `dispatcher` stands in for connections of our own where the address is a tenant's.
 * Never throws.
 */
export const checkProvider = async (
  provider: { type: ProviderType; url: string; key: string | null },
  { dispatcher }: { dispatcher?: Dispatcher } = {},
): Promise<ProviderCheck> => {
  try {
    const { url, headers } = questions[provider.type](provider.url, provider.key);
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await request(url, { headers, signal, ...(dispatcher ? { dispatcher } : {}) });
    if (answer.statusCode < 300) return judgeList(provider.type, await readList(answer));
    await answer.body.dump();
    return judge(answer.statusCode, provider.type);
  } catch (error) {
    return { kind: 'failed', trouble: reasonOf(error) };
  }
};

const readList = ({ headers, body }: Dispatcher.ResponseData): Promise<Buffer> => {
  const encoding = headers['content-encoding'];
  return readBody(body, { encoding: encoding?.toString(), maxBytes: maxModelListBytes });
};

const checkUrl = 'check that its URL is the one to give';

/** Whatever stands at an address answers something: a page, a proxy's blank, another service. */
const judgeList = (type: ProviderType, body: Buffer): ProviderCheck => {
  const problem = problemOfModelList(type, body);
  return problem === null ? { kind: 'reachable' } : { kind: 'unsure', trouble: `${problem}: ${checkUrl}` };
};

const judge = (status: number, type: ProviderType): ProviderCheck => {
  // Google's word for a wrong key is 400.
  if (status === 401 || status === 403 || (status === 400 && type === 'google')) {
    return { kind: 'failed', trouble: `it refuses the key (${status}): check it` };
  }
  if (status === 404) {
    return { kind: 'unsure', trouble: `it answers and knows no list of models: ${checkUrl}` };
  }
  return { kind: 'unsure', trouble: `it answers with status ${status}` };
};
