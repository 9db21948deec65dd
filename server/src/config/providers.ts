import type { Env, ProviderEnv } from './env.ts';
import type { ValueReader } from './value-reader.ts';

/** The dialects that a provider may speak. The first is meant where none is named. */
const types = ['openai-compatible', 'anthropic', 'google'] as const;

type ProviderType = (typeof types)[number];

/** Where a model answers. Its models are named `<name>/<model>`. */
export type ProviderConfig = {
  name: string;
  type: ProviderType;
  /** Its path has no slash at the end: what the type calls is put there. A query is kept (Azure's `api-version`). */
  url: string;
  /** Null where the provider wants none, as most local ones. */
  key: string | null;
};

const openaiUrl = 'https://api.openai.com/v1';

/** The vendors' own addresses, for the types that have one. */
const ownUrls: Readonly<Record<ProviderType, string | null>> = {
  'openai-compatible': null,
  anthropic: 'https://api.anthropic.com/v1',
  google: 'https://generativelanguage.googleapis.com/v1beta',
};

/** A provider that is named like a type, and has no address of its own, is of that type. */
const readType = (name: string, { TYPE, URL: url }: ProviderEnv): ProviderType | undefined => {
  const meant = TYPE ?? (url === undefined && types.some((type) => type === name) ? name : types[0]);
  return types.find((type) => type === meant);
};

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
  const type = readType(name, given);
  if (type === undefined) {
    problems.push(`${prefix}_TYPE is ${JSON.stringify(given.TYPE)}: this version knows ${types.join(', ')}`);
    return null;
  }
  const address = given.URL ?? ownUrls[type] ?? (name === 'openai' ? openaiUrl : null);
  if (address === null) {
    problems.push(`${prefix}_URL is missing: provider ${name} needs an address such as http://127.0.0.1:11434/v1`);
    return null;
  }
  const read = readUrl(address);
  if ('problem' in read) {
    problems.push(`${prefix}_URL ${read.problem}`);
    return null;
  }
  if (type === 'google' && read.url.includes('?')) {
    problems.push(`${prefix}_URL must have no ? in it: a provider of type google takes none`);
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
 * Every provider, sorted by name. `OPENAI_API_KEY` makes the provider `openai`, and `ANTHROPIC_API_KEY` the provider
 * `anthropic`, unless `PARLEY_PROVIDER_OPENAI_…` or `PARLEY_PROVIDER_ANTHROPIC_…` says what that is: a key meant for the
 * one must not go to another address.
 */
export const readProviders = (env: Env, read: ValueReader): ProviderConfig[] => {
  const given = new Map(env.providers);
  const openaiKey = read.text('OPENAI_API_KEY');
  if (openaiKey !== null && !given.has('OPENAI')) given.set('OPENAI', { KEY: openaiKey });
  const anthropicKey = read.text('ANTHROPIC_API_KEY');
  if (anthropicKey !== null && !given.has('ANTHROPIC')) given.set('ANTHROPIC', { KEY: anthropicKey });
  return [...given]
    .map(([name, parts]) => readProvider(name, parts, read.problems))
    .filter((provider) => provider !== null)
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
};
