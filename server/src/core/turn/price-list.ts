import { ParleyError } from '../error.ts';
import { type ModelCandidate, modelName } from './call-model.ts';

/** What a million tokens cost. */
export type TokenPrices = {
  input: number;
  output: number;
  /** Of the input that came from the vendor's cache, and that was put into it; as other input where left out. */
  cachedInput: number;
  cacheWrite: number;
};

export type ModelPrice = TokenPrices & {
  /** Other prices, for all tokens of a request whose input is longer than that. */
  long: (TokenPrices & { aboveInputTokens: number }) | null;
};

/** What models cost, in one currency. */
export type PriceList = {
  /** ISO 4217. */
  currency: string;
  /** By `vendor/model` of the built-in list, or `provider/model` as the operator calls them. */
  prices: ReadonlyMap<string, ModelPrice>;
  /** Those of the operator's own file, whose names are those of the operator's providers. */
  own: ReadonlyMap<string, ModelPrice>;
};

const maxPrices = 10_000;
const maxPrice = 1_000_000;
const maxNameCharacters = 256;

/** A release of a model by its date or number: `gpt-4.1-2025-04-14`, `claude-sonnet-4-5-20250929`, `gemini-2.5-pro-002`. */
const release = /-(\d{4}-\d{2}-\d{2}|\d{8}|\d{3}|latest)$/;

/** The model that quotes the knowledge base runs in this process. */
const free: ModelPrice = { input: 0, output: 0, cachedInput: 0, cacheWrite: 0, long: null };

/** The price of a candidate; null where nobody knows it. */
export const priceOf = ({ prices, own }: PriceList, candidate: ModelCandidate): ModelPrice | null => {
  if (candidate.provider === 'builtin' && candidate.model === '') return free;
  // What a workspace calls its provider says nothing of the operator's prices.
  const named = candidate.workspaceId === undefined ? find(own, modelName(candidate)) : null;
  const { vendor } = candidate.client;
  return named ?? (vendor === undefined ? null : find(prices, `${vendor}/${candidate.model}`));
};

const find = (prices: ReadonlyMap<string, ModelPrice>, name: string): ModelPrice | null =>
  prices.get(name) ?? prices.get(name.replace(release, '')) ?? null;

/**
 * Reads the built-in list, and an operator's file over it: `{currency, as_of?, source?, prices: {"provider/model":
 * {input, output, cached_input?, cache_write?, long_prompt?: {above_input_tokens, input, output, …}}}}`, for a million
 * tokens. A file in another currency stands alone. Throws invalid_request, which names the path of what is wrong.
 */
export const readPriceList = (builtin: unknown, file: unknown): PriceList => {
  const known = parseList(builtin);
  if (file === null) return { ...known, own: new Map() };
  const own = parseList(file);
  const shared = own.currency === known.currency ? [...known.prices] : [];
  return { currency: own.currency, prices: new Map([...shared, ...own.prices]), own: own.prices };
};

const parseList = (json: unknown): Pick<PriceList, 'currency' | 'prices'> => {
  const file = objectAt(json, '');
  refuseUnknown(file, '', ['currency', 'as_of', 'source', 'prices']);
  const { currency } = file;
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) {
    return fail('currency', 'must be three capital letters, such as USD');
  }
  const listed = Object.entries(objectAt(file['prices'], 'prices'));
  if (listed.length > maxPrices) fail('prices', `must hold at most ${maxPrices} models`);
  return { currency, prices: new Map(listed.map(([name, value]) => [name, parsePrice(name, value)])) };
};

const parsePrice = (name: string, json: unknown): ModelPrice => {
  const path = `prices.${name}`;
  if (name.length > maxNameCharacters || !/^[^/\s]+\/\S+$/.test(name)) fail(path, 'must be named `provider/model`');
  const fields = objectAt(json, path);
  refuseUnknown(fields, path, ['input', 'output', 'cached_input', 'cache_write', 'long_prompt', 'source', 'as_of']);
  if (fields['long_prompt'] == null) return { ...parseTokens(fields, path), long: null };
  const longPath = `${path}.long_prompt`;
  const long = objectAt(fields['long_prompt'], longPath);
  refuseUnknown(long, longPath, ['above_input_tokens', 'input', 'output', 'cached_input', 'cache_write']);
  const aboveInputTokens = numberAt(long['above_input_tokens'], `${longPath}.above_input_tokens`, 1e9);
  return { ...parseTokens(fields, path), long: { ...parseTokens(long, longPath), aboveInputTokens } };
};

const parseTokens = (fields: Record<string, unknown>, path: string): TokenPrices => {
  const price = (field: string): number => numberAt(fields[field], `${path}.${field}`, maxPrice);
  const input = price('input');
  return {
    input,
    output: price('output'),
    cachedInput: fields['cached_input'] == null ? input : price('cached_input'),
    cacheWrite: fields['cache_write'] == null ? input : price('cache_write'),
  };
};

const numberAt = (value: unknown, path: string, to: number): number => {
  // A negative price would make use pay.
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= to) return value;
  return fail(path, `must be a number from 0 to ${to}`);
};

const objectAt = (value: unknown, path: string): Record<string, unknown> => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  return fail(path, 'must be an object');
};

const refuseUnknown = (object: Record<string, unknown>, path: string, known: readonly string[]): void => {
  const unknown = Object.keys(object).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    fail(path === '' ? unknown : `${path}.${unknown}`, `is unknown; known are ${known.join(', ')}`);
  }
};

const fail = (path: string, what: string): never => {
  throw new ParleyError('invalid_request', `The prices file: ${path === '' ? 'the whole' : `\`${path}\``} ${what}.`, {
    param: path,
  });
};
