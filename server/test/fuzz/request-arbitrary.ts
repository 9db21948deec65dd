import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { Operation } from './operation.ts';
import { arbitraryOf, arbitraryOfField, type JsonSchema, type SchemaSource } from './schema-arbitrary.ts';
import { spoil } from './spoil-value.ts';

export type FuzzRequest = {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
  /** Replaces the key that may do everything. */
  authorization?: string | null;
  /** True where the path belongs to no operation any more: it may only be refused. */
  bent?: true;
};

type Parts = {
  path: Record<string, unknown>;
  query: Record<string, unknown>;
  header: Record<string, unknown>;
  body?: unknown;
};

/** Requests to one operation: half of them as described, half with something wrong in one of their parts. */
export const requestsTo = (operation: Operation, source: SchemaSource): Arbitrary<FuzzRequest> => {
  const valid = partsOf(operation, source);
  const spoiled = valid.chain((parts) => spoilPart(parts));
  const request = fc.oneof(valid, spoiled).map((parts) => toRequest(operation, parts));
  const broken = request.chain((whole) => breakRequest(whole));
  return fc.oneof({ arbitrary: request, weight: 9 }, { arbitrary: broken, weight: 1 });
};

const partsOf = (operation: Operation, source: SchemaSource): Arbitrary<Parts> => {
  const parameters = operation.parameters ?? [];
  const content = operation.requestBody?.content['application/json'];
  const place = (where: 'path' | 'query'): Arbitrary<Record<string, unknown>> => {
    const here = parameters.filter((parameter) => parameter.in === where);
    return fc.record(Object.fromEntries(here.map(({ name, schema }) => [name, fieldOf(name, schema, source)])), {
      requiredKeys: here.filter((parameter) => where === 'path' || parameter.required).map(({ name }) => name),
    }) as Arbitrary<Record<string, unknown>>;
  };
  const headers = parameters.filter((parameter) => parameter.in === 'header').map(({ name }) => name);
  return fc.record({
    path: place('path'),
    query: place('query'),
    header: fc.record(Object.fromEntries(headers.map((name) => [name, headerOf(name, source)])), { requiredKeys: [] }),
    ...(content ? { body: arbitraryOf(content.schema, source) } : {}),
  }) as Arbitrary<Parts>;
};

/** The number of a version is mostly one that bots have, which its schema cannot know. */
const fieldOf = (name: string, schema: JsonSchema, source: SchemaSource): Arbitrary<unknown> => {
  const any = arbitraryOfField(name, schema, source);
  if (name !== 'version') return any;
  return fc.oneof({ arbitrary: fc.constantFrom<unknown>('1', '2'), weight: 3 }, { arbitrary: any, weight: 1 });
};

/** What a header of this name may hold; most are text that the schema says little of. */
const headerOf = (name: string, source: SchemaSource): Arbitrary<string> => {
  const text = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme-ascii' });
  switch (name.toLowerCase()) {
    case 'parley-workspace':
      // rarely, since with it the ids of the caller's own workspace are unknown
      return fc.nat(40).map((at) => source.knownIds('ws')[at] ?? '');
    case 'idempotency-key':
      return fc.oneof(fc.uuid(), fc.constantFrom('again', '"quoted"'));
    case 'if-match':
      return fc.oneof(fc.constantFrom('"1"', '*', 'W/"1"'), text);
    case 'prefer':
      return fc.constantFrom('respond-async', 'wait=1', 'return=minimal');
    case 'last-event-id':
      return fc.oneof(fc.constantFrom('1-0', '1-1', '2-7', '9-9'), text);
    default:
      return text;
  }
};

const spoilPart = (parts: Parts): Arbitrary<Parts> => {
  const bad: Arbitrary<Parts>[] = [
    spoil(parts.query).map((query) => ({ ...parts, query: asRecord(query) })),
    spoil(parts.path).map((path) => ({ ...parts, path: { ...parts.path, ...asRecord(path) } })),
  ];
  if (Object.keys(parts.header).length > 0) {
    bad.push(spoil(parts.header).map((header) => ({ ...parts, header: asRecord(header) })));
  }
  const body = spoil(parts.body).map((spoiled) => ({ ...parts, body: spoiled }));
  return fc.oneof(...bad, ...('body' in parts ? [body, body, body, body] : []));
};

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

const toRequest = (operation: Operation, { path, query, header, ...rest }: Parts): FuzzRequest => {
  const filled = operation.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encode(path[name]) || '%20');
  const search = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return {
    method: operation.method,
    path: search.length > 0 ? `${filled}?${search.join('&')}` : filled,
    headers: Object.fromEntries(
      Object.entries(header)
        .map(([name, value]) => [name, headerText(value)])
        .filter(([, value]) => value !== ''),
    ),
    body: 'body' in rest ? JSON.stringify(rest.body) : undefined,
  };
};

const asText = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
const encode = (value: unknown): string => encodeURIComponent(asText(value).toWellFormed());
/** What an HTTP client can send in a header at all. */
const headerText = (value: unknown): string =>
  asText(value)
    .replaceAll(/[^\x21-\x7e]/g, '')
    .slice(0, 2_000);

/** Wrong as a whole: no key, a key of no kind, a body that is no JSON, another content type. */
const breakRequest = (request: FuzzRequest): Arbitrary<FuzzRequest> => {
  const variants: FuzzRequest[] = [
    { ...request, authorization: null },
    { ...request, authorization: 'Bearer' },
    { ...request, authorization: 'Bearer prl_live_nonsense' },
    { ...request, authorization: 'Basic dXNlcjpwYXNz' },
    { ...request, path: `${request.path}${request.path.includes('?') ? '&' : '?'}surprise=1` },
    { ...request, bent: true, path: request.path.replace(/^\/(v1|auth)\//, (part) => part.toUpperCase()) },
    { ...request, bent: true, path: `${request.path.split('?')[0]}/` },
    { ...request, bent: true, path: request.path.replace('/', '//') },
  ];
  if (request.body !== undefined) {
    variants.push(
      { ...request, body: request.body.slice(0, -1) },
      { ...request, body: `${request.body}x` },
      { ...request, body: '' },
      { ...request, body: '['.repeat(20_000) },
      { ...request, body: `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}` },
      { ...request, headers: { ...request.headers, 'content-type': 'text/plain' } },
      { ...request, headers: { ...request.headers, 'content-type': 'application/json; charset=latin1' } },
    );
  }
  return fc.constantFrom(...variants);
};
