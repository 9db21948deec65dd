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
    // of a sequence the schema is that of one piece
    const validate = validatorOf(operation, String(status), type === jsonLines ? 'application/json' : type);
    for (const body of validate ? bodiesOf(type, text) : []) {
      if (validate?.(body) ?? true) continue;
      const why = ajv.errorsText(validate?.errors);
      return `a body of ${status} does not fit its schema: ${why} in ${JSON.stringify(body).slice(0, 500)}`;
    }
    return null;
  };
};

const jsonLines = 'application/jsonl';

/** What of an answer has a schema: all of it, each of its lines, or each of its events. Of a stream that was left, the whole ones. */
const bodiesOf = (type: string, text: string): unknown[] => {
  if (type === 'text/event-stream') return text.split('\n\n').slice(0, -1).flatMap(eventOf);
  if (type === jsonLines)
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as unknown);
  return type.endsWith('json') ? [JSON.parse(text) as unknown] : [];
};

const eventOf = (frame: string): unknown[] => {
  const [, id, event, data = 'null'] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(frame) ?? [];
  if (id !== undefined) return [{ id, event, data: JSON.parse(data) as unknown }];
  // a sign of life is no event; anything else fits no schema
  return frame.startsWith(':') ? [] : [frame];
};

export type Conformance = ReturnType<typeof createConformance>;
