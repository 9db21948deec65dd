import type { Description, Operation } from '../fuzz/operation.ts';
import type { JsonSchema } from '../fuzz/schema-arbitrary.ts';

/** A place of a request that names an object. */
export type IdField = {
  in: 'path' | 'query' | 'body';
  name: string;
  /** Of the id; null where it has no one form. */
  prefix: string | null;
  list: boolean;
};

const idPattern = /^\^([a-z]+)_\[0-7\]/;
/** Ids of users and of quota owners, which have no one form. */
const freeFields = new Set(['user_id', 'other_user_id', 'owner_id']);

/** Every field of an operation that takes an id, found by its schema. */
export const idFieldsOf = (operation: Operation, { components }: Description): IdField[] => {
  const resolve = (schema: JsonSchema): JsonSchema =>
    schema.$ref === undefined ? schema : (components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  const fieldOf = (where: IdField['in'], name: string, schema: JsonSchema): IdField[] => {
    const resolved = resolve(schema);
    const choices = resolved.anyOf ?? [resolved];
    return choices.flatMap((choice) => {
      const list = choice.type === 'array';
      const prefix = idPattern.exec((list ? choice.items?.pattern : choice.pattern) ?? '')?.[1] ?? null;
      return prefix === null && !freeFields.has(name) ? [] : [{ in: where, name, prefix, list }];
    });
  };
  const parameters = (operation.parameters ?? []).flatMap((parameter) =>
    parameter.in === 'header' ? [] : fieldOf(parameter.in, parameter.name, parameter.schema),
  );
  const body = operation.requestBody?.content['application/json']?.schema;
  const properties = body ? Object.entries(resolve(body).properties ?? {}) : [];
  return [...parameters, ...properties.flatMap(([name, schema]) => fieldOf('body', name, schema))];
};
