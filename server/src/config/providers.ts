import type { Env, ProviderEnv } from './env.ts';
import type { ValueReader } from './value-reader.ts';

/** Where a model answers. Its models are named `<name>/<model>`. */
export type ProviderConfig = {
  name: string;
  type: 'openai-compatible';
  /** Its path has no slash at the end: `/chat/completions` is put there. A query is kept (Azure's `api-version`). */
  url: string;
  /** Null where the provider wants none, as most local ones. */
  key: string | null;
};

const openaiUrl = 'https://api.openai.com/v1';
const types = ['openai-compatible'] as const;

/** What a header can carry of a key (RFC 9110, 5.5). */
const visibleAscii = /^[\x21-\x7e]+$/;

/** `https://host/v1/` → `https://host/v1`; a sentence about what is wrong otherwise. The address is not repeated: it may hold a password. */
const readUrl = (text: string): { url: string } | { problem: string } => {
  if (!URL.canParse(text)) return { problem: 'must be an address such as http://127.0.0.1:11434/v1' };
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { problem: 'must begin with http:// or https://' };
  if (url.username !== '' || url.password !== '')
    return { problem: 'must hold no user and password: the key has a variable of its own' };
  if (url.hash !== '') return { problem: 'must have no # in it' };
  return { url: `${url.origin}${url.pathname.replace(/\/+$/, '')}${url.search}` };
};

const readProvider = (variableName: string, given: ProviderEnv, problems: string[]): ProviderConfig | null => {
  const prefix = `PARLEY_PROVIDER_${variableName}`;
  const name = variableName.toLowerCase();
  if (name === 'builtin') {
    problems.push(`${prefix}_…: the name builtin belongs to the model that Parley brings along`);
    return null;
  }
  const type = types.find((known) => known === (given.TYPE ?? 'openai-compatible'));
  if (type === undefined) {
    problems.push(`${prefix}_TYPE is ${JSON.stringify(given.TYPE)}: this version knows ${types.join(', ')}`);
    return null;
  }
  const address = given.URL ?? (name === 'openai' ? openaiUrl : null);
  if (address === null) {
    problems.push(`${prefix}_URL is missing: provider ${name} needs an address such as http://127.0.0.1:11434/v1`);
    return null;
  }
  const read = readUrl(address);
  if ('problem' in read) {
    problems.push(`${prefix}_URL ${read.problem}`);
    return null;
  }
  const key = given.KEY ?? null;
  if (key !== null && !visibleAscii.test(key)) {
    problems.push(`the key of provider ${name} has characters that no key has: look for spaces and line ends`);
    return null;
  }
  return { name, type, url: read.url, key };
};

/**
 * Every provider, sorted by name. `OPENAI_API_KEY` makes the provider `openai`, unless `PARLEY_PROVIDER_OPENAI_…` says
 * what that is: a key meant for OpenAI must not go to another address.
 */
export const readProviders = (env: Env, read: ValueReader): ProviderConfig[] => {
  const given = new Map(env.providers);
  const openaiKey = read.text('OPENAI_API_KEY');
  if (openaiKey !== null && !given.has('OPENAI')) given.set('OPENAI', { KEY: openaiKey });
  return [...given]
    .map(([name, parts]) => readProvider(name, parts, read.problems))
    .filter((provider) => provider !== null)
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
};
