import type { ProviderType } from './create-client.ts';
import { asList, asRecord } from './exchange/json.ts';

/** A gateway lists some thousand models, with a kilobyte or two for each. */
export const maxModelListBytes = 8 * 1024 * 1024;

/**
 * Whether a provider's answer has the form of a list of models. What stands in it is not looked at: servers differ in what
 * they tell of a model, and some list none before one is loaded.
 */
const isList: Readonly<Record<ProviderType, (body: unknown) => boolean>> = {
  // some answer the bare list; one that is empty is null where the server is written in Go
  'openai-compatible': (body) => asList(body) !== null || hasList(body, 'data') || isEmptyList(body),
  anthropic: (body) => hasList(body, 'data'),
  google: (body) => hasList(body, 'models'),
};

const hasList = (body: unknown, field: string): boolean => asList(asRecord(body)?.[field]) !== null;

const isEmptyList = (body: unknown): boolean => {
  const record = asRecord(body);
  return record?.['object'] === 'list' && record['data'] === null;
};

/** What is wrong with an answer that ought to be a list of models, as the end of a sentence; null where it is one. */
export const problemOfModelList = (type: ProviderType, body: Buffer): string | null => {
  if (body.length === 0) return 'it answers with nothing';
  try {
    return isList[type](JSON.parse(body.toString('utf8'))) ? null : 'it answers with JSON that is no list of models';
  } catch {
    return 'it answers with something else than JSON';
  }
};
