import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { Description, Operation } from './operation.ts';

export type Received = { status: number; headers: Headers; text: string };

/**
 * Says what is wrong with an answer by the API description: a failure of the server, a status or a content type that is
 * not described, a body that does not fit its schema. Null where nothing is.
 */
export const createConformance = (description: Description) => {
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true });
  (addFormats as unknown as (target: Ajv2020) => void)(ajv);
  ajv.addSchema({ $id: 'api', components: description.components });
  const validators = new Map<string, ValidateFunction>();

  const validatorOf = (operation: Operation, status: string, type: string): ValidateFunction | null => {
    const key = `${operation.operationId} ${status} ${type}`;
    const known = validators.get(key);
    if (known) return known;
    const schema = operation.responses[status]?.content?.[type]?.schema;
    if (!schema) return null;
    const rooted = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')) as object;
    const validate = ajv.compile(rooted);
    validators.set(key, validate);
    return validate;
  };

  return (operation: Operation, received: Received): string | null => {
    const { status, text } = received;
    if (status >= 500) return `a failure of the server: ${status} ${text.slice(0, 500)}`;
    const described = operation.responses[String(status)];
    if (!described) return `the status ${status} is not described: ${text.slice(0, 500)}`;
    const type = received.headers.get('content-type')?.split(';')[0] ?? '';
    if (!described.content) return text === '' ? null : `the status ${status} is described without a body`;
    if (!described.content[type]) return `the content type ${type} of ${status} is not described`;
    if (!type.endsWith('json')) return null;
    const validate = validatorOf(operation, String(status), type);
    if (!validate || validate(JSON.parse(text))) return null;
    return `the body of ${status} does not fit its schema: ${ajv.errorsText(validate.errors)} in ${text.slice(0, 500)}`;
  };
};

export type Conformance = ReturnType<typeof createConformance>;
