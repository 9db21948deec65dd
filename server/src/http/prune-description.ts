import type { OpenAPIV3_1 } from 'openapi-types';

type Schemas = Record<string, OpenAPIV3_1.SchemaObject>;

/**
 * Drops schemas that nothing refers to (each named schema is generated in a form for requests and one for answers), and
 * lets answers grow: they are closed while tests check them, but a client must not rely on it.
 */
export const pruneDescription = (document: OpenAPIV3_1.Document): OpenAPIV3_1.Document => {
  const schemas = (document.components?.schemas ?? {}) as Schemas;
  const used = new Set<string>();
  collect({ paths: document.paths, webhooks: document.webhooks }, schemas, used);
  const kept = Object.entries(schemas)
    .filter(([name]) => used.has(name))
    .map(([name, schema]) => [name, name.endsWith('Input') ? schema : opened(schema)] as const);
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of operationsOf(path)) {
      if (operation.responses) operation.responses = opened(operation.responses);
    }
  }
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(kept) } };
};

const operationsOf = (path: OpenAPIV3_1.PathItemObject | undefined): OpenAPIV3_1.OperationObject[] =>
  [path?.get, path?.post, path?.patch, path?.delete].filter((operation) => operation !== undefined);

const reference = '#/components/schemas/';

const collect = (value: unknown, schemas: Schemas, used: Set<string>): void => {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (name === '$ref' && typeof member === 'string' && member.startsWith(reference)) {
      const schema = member.slice(reference.length);
      if (used.has(schema)) continue;
      used.add(schema);
      collect(schemas[schema], schemas, used);
    } else {
      collect(member, schemas, used);
    }
  }
};

/** A copy in which every object may have more fields than are named. */
const opened = <Value>(value: Value): Value => {
  if (Array.isArray(value)) return value.map((item: unknown) => opened(item)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value)
    .filter(([name, member]) => !(name === 'additionalProperties' && member === false))
    .map(([name, member]) => [name, opened(member as unknown)]);
  return Object.fromEntries(members) as Value;
};
