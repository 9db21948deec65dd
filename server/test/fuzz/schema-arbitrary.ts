import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';

/** As much of JSON Schema as the API description uses; anything else is refused, so that it cannot be passed over. */
export type JsonSchema = {
  $ref?: string;
  type?: string | readonly string[];
  const?: unknown;
  enum?: readonly unknown[];
  anyOf?: readonly JsonSchema[];
  oneOf?: readonly JsonSchema[];
  pattern?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
  additionalProperties?: boolean | JsonSchema;
  propertyNames?: JsonSchema;
  maxProperties?: number;
};

export type SchemaSource = {
  schemas: Readonly<Record<string, JsonSchema>>;
  /** Ids that exist, by their prefix: what a request names is then often there. */
  knownIds: (prefix: string) => readonly string[];
  /** Users who have spoken, by the caller's names. */
  knownUsers: () => readonly string[];
};

/** Longer values are made by hand in the tests of limits; here they would only make every case slow. */
const longestText = 60;
const longestList = 4;
const largestNumber = 2 ** 31;

const idPattern = /^\^([a-z]+)_\[0-7\]/;

/** Values that a schema allows. */
export const arbitraryOf = (schema: JsonSchema, source: SchemaSource): Arbitrary<unknown> => {
  if (schema.$ref !== undefined) return arbitraryOf(resolve(schema.$ref, source), source);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => arbitraryOf(choice, source)));
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length === 0) return fc.jsonValue({ maxDepth: 2 });
  return fc.oneof(...types.map((type) => ofType(type, schema, source)));
};

const resolve = (reference: string, { schemas }: SchemaSource): JsonSchema => {
  const schema = schemas[reference.split('/').at(-1) ?? ''];
  if (!schema) throw new Error(`the description refers to ${reference}, which it does not hold`);
  return schema;
};

const ofType = (type: string, schema: JsonSchema, source: SchemaSource): Arbitrary<unknown> => {
  switch (type) {
    case 'string':
      return text(schema, source);
    case 'integer':
      return fc.integer(range(schema));
    case 'number':
      return fc.double({ ...range(schema), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(arbitraryOf(schema.items ?? {}, source), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.max(schema.minItems ?? 0, Math.min(schema.maxItems ?? longestList, longestList)),
      });
    case 'object':
      return object(schema, source);
    default:
      throw new Error(`the description has a type that this generator does not know: ${type}`);
  }
};

const range = ({ minimum, maximum }: JsonSchema) => ({
  min: Math.max(minimum ?? -largestNumber, -largestNumber),
  max: Math.min(maximum ?? largestNumber, largestNumber),
});

const text = (schema: JsonSchema, source: SchemaSource): Arbitrary<string> => {
  const prefix = schema.pattern === undefined ? undefined : idPattern.exec(schema.pattern)?.[1];
  if (prefix !== undefined) return id(prefix, source);
  if (schema.format === 'date-time') return time();
  if (schema.format === 'date') return time().map((moment) => moment.slice(0, 10));
  if (schema.format === 'email' || schema.pattern?.includes('@')) return fc.emailAddress();
  if (schema.format === 'uri' || schema.format === 'url') return address();
  const min = schema.minLength ?? 0;
  const max = Math.max(min, Math.min(schema.maxLength ?? longestText, longestText));
  if (schema.pattern === undefined) {
    return fc.oneof(
      fc.string({ minLength: min, maxLength: max }),
      fc.string({ minLength: min, maxLength: max, unit: 'grapheme' }),
    );
  }
  const pattern = new RegExp(schema.pattern, 'u');
  if (/\\[pP]\{/.test(schema.pattern)) {
    return fc.string({ minLength: min, maxLength: max, unit: 'grapheme' }).filter((value) => pattern.test(value));
  }
  return fc
    .stringMatching(pattern, { maxLength: Math.max(max, 1) })
    .filter((value) => value.length >= min && value.length <= (schema.maxLength ?? Infinity) && pattern.test(value));
};

/** Addresses under a name that never resolves (RFC 2606), so that nothing is ever sent anywhere. */
const address = (): Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom('https', 'http'), fc.stringMatching(/^[a-z]{1,12}$/), fc.webPath())
    .map(([scheme, name, path]) => `${scheme}://${name}.invalid${path}`);

const oldestTime = Date.UTC(2000, 0, 1);
const newestTime = Date.UTC(2100, 0, 1);
const time = (): Arbitrary<string> =>
  fc.integer({ min: oldestTime, max: newestTime }).map((moment) => new Date(moment).toISOString());

const id = (prefix: string, source: SchemaSource): Arbitrary<string> => {
  const unknown = fc.stringMatching(/^[0-7][0-9a-hjkmnp-tv-z]{25}$/).map((rest) => `${prefix}_${rest}`);
  // asked for at each draw: the requests before it have made and deleted things
  const known = fc.nat(1_000).map((at) => {
    const ids = source.knownIds(prefix);
    return ids[at % ids.length] ?? `${prefix}_${'0'.repeat(26)}`;
  });
  return fc.oneof({ arbitrary: known, weight: 4 }, { arbitrary: unknown, weight: 1 });
};

/** What a field of this name and schema allows: a schema says of users and addresses only that they are text. */
export const arbitraryOfField = (name: string, schema: JsonSchema, source: SchemaSource): Arbitrary<unknown> => {
  const any = arbitraryOf(schema, source);
  if (name === 'url' || name === 'base_url') return fc.oneof({ arbitrary: address(), weight: 3 }, any);
  if (name !== 'user_id' && name !== 'other_user_id') return any;
  const known = fc.nat(1_000).map((at) => source.knownUsers().at(-1 - (at % 4)) ?? 'nobody');
  return fc.oneof({ arbitrary: known, weight: 3 }, { arbitrary: any, weight: 2 });
};

const object = (schema: JsonSchema, source: SchemaSource): Arbitrary<unknown> => {
  const fields = Object.entries(schema.properties ?? {});
  const named = fc.record(
    Object.fromEntries(fields.map(([name, field]) => [name, arbitraryOfField(name, field, source)])),
    {
      requiredKeys: [...(schema.required ?? [])].filter((name) => schema.properties?.[name]),
    },
  );
  const { additionalProperties } = schema;
  if (typeof additionalProperties !== 'object') return named;
  const others = fc.dictionary(
    arbitraryOf({ type: 'string', minLength: 1, maxLength: 10, ...schema.propertyNames }, source) as Arbitrary<string>,
    arbitraryOf(additionalProperties, source),
    { maxKeys: Math.min(schema.maxProperties ?? longestList, longestList) },
  );
  return fc.tuple(others, named).map(([other, known]) => ({ ...other, ...known }));
};
