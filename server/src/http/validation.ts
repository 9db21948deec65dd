import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { ParleyError } from '../core/error.ts';
import { UploadedFile } from './uploaded-file.ts';

type Issue = z.core.$ZodIssue;

/** Checks a part of a request by its schema; its refusal is a `ParleyError`. */
export const compileValidator: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (value: unknown) => {
    // a form comes only so far where the route takes one, which checks its fields itself
    if (value instanceof UploadedFile) return { value };
    // fastify hands null over where there is no body
    const result = schema.safeParse(value === null && httpPart === 'body' ? undefined : value);
    if (result.success) return { value: result.data };
    return { error: toRefusal(result.error, httpPart ?? 'body') };
  };

/** The first thing that is wrong, as the caller is told. */
export const toRefusal = (error: z.ZodError, part: string): ParleyError => {
  const [first] = error.issues;
  if (!first) return new ParleyError('invalid_request', undefined, { cause: error });
  const issue = innermost(first);
  // an id of the wrong form names nothing: the same answer as for one that is unknown
  if (part === 'params') {
    return new ParleyError(
      'not_found',
      `There is no such ${nounOf(issue.path)}: ${nameOf(issue.path, part)} ${demandOf(issue)}.`,
    );
  }
  if (issue.code === 'invalid_key') {
    const place = issue.path.slice(0, -1);
    const detail = `A name in ${nameOf(place, part)} ${demandOf(issue)}.`;
    return new ParleyError('invalid_request', detail, place.length === 0 ? {} : { param: place.join('.') });
  }
  if (issue.code === 'unrecognized_keys') {
    const param = [...issue.path, issue.keys[0]].join('.');
    return new ParleyError('unknown_field', `There is no field \`${param}\` here: remove or correct it.`, { param });
  }
  const detail = `${nameOf(issue.path, part)} ${demandOf(issue)}.`;
  return new ParleyError('invalid_request', detail, issue.path.length === 0 ? {} : { param: issue.path.join('.') });
};

/** Of a union's branches the one that came furthest, which is what the caller most likely meant. */
const innermost = (issue: Issue): Issue => {
  if (issue.code !== 'invalid_union') return issue;
  const candidates = issue.errors.flatMap((branch) => branch.slice(0, 1));
  const best = candidates.toSorted(
    (one, other) => other.path.length - one.path.length || Number(hasRightType(other)) - Number(hasRightType(one)),
  )[0];
  if (!best || (best.path.length === 0 && !hasRightType(best))) return issue;
  const inner = innermost(best);
  return { ...inner, path: [...issue.path, ...inner.path] };
};

/** True where the value is of the branch's type, and only its size or its form is wrong. */
const hasRightType = ({ code }: Issue): boolean =>
  code === 'too_big' || code === 'too_small' || code === 'invalid_format';

/** What a parameter of a path names: `webhook endpoint` for `webhook_endpoint_id`. */
const nounOf = ([name]: readonly PropertyKey[]): string =>
  typeof name === 'string' && name.endsWith('_id') ? name.slice(0, -3).replaceAll('_', ' ') : 'object';

const nameOf = (path: readonly PropertyKey[], part: string): string => {
  if (path.length > 0) return `\`${path.join('.')}\``;
  return part === 'querystring' ? 'The query' : 'The body';
};

/** What the value must be, as the end of a sentence. Texts of our own schemas say so themselves: `must …`. */
const demandOf = (issue: Issue): string => {
  if (issue.message.startsWith('must ')) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined') ? 'is required' : `must be ${withArticle(issue.expected)}`;
    case 'too_big':
      return `must ${verbOf(issue.origin)} at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'too_small':
      if (issue.minimum === 1 && unitOf(issue.origin) !== '') return 'must not be empty';
      return `must ${verbOf(issue.origin)} at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'invalid_format':
      return `must be a valid ${issue.format}`;
    case 'unrecognized_keys':
      return `must not have the field ${issue.keys[0]}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_key':
      return issue.issues[0] ? demandOf(issue.issues[0]) : 'is not valid';
    case 'invalid_union':
      return typesOf(issue.errors.flatMap((branch) => branch.slice(0, 1)));
    case 'custom':
    case 'invalid_element':
      return 'is not valid';
  }
};

/** What a value of several types may be. */
const typesOf = (branches: readonly Issue[]): string => {
  const types = branches.map((branch) => (branch.code === 'invalid_type' ? withArticle(branch.expected) : null));
  if (types.length < 2 || types.includes(null)) return 'is not valid';
  return `must be ${types.slice(0, -1).join(', ')} or ${types.at(-1)}`;
};

const verbOf = (origin: string): string =>
  origin === 'string' || origin === 'array' || origin === 'record' ? 'have' : 'be';

const unitOf = (origin: string): string => {
  if (origin === 'string') return ' characters';
  if (origin === 'array') return ' items';
  return origin === 'record' ? ' pairs' : '';
};

const withArticle = (type: string): string => {
  if (type === 'int') return 'a whole number';
  if (type === 'record') return 'an object';
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
};
