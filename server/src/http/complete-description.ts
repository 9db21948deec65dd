import { type ErrorCode, errorCatalogue } from '@parley/protocol/error-catalogue';
import { STATUS_CODES } from 'node:http';
import type { OpenAPIV3_1 } from 'openapi-types';
import { z } from 'zod';
import { declaredErrors, isIdempotent } from './declared-errors.ts';
import { describeWebhooks } from './describe-webhooks.ts';
import { pruneDescription } from './prune-description.ts';
import { simplifySchemas } from './simplify-schemas.ts';
import { noBody, type OwnHeader, type Route } from './define-route.ts';
import { saysWhenToRetry } from './error-response.ts';

type Operation = OpenAPIV3_1.OperationObject;
type Response = OpenAPIV3_1.ResponseObject;
type Header = OpenAPIV3_1.HeaderObject;

const header = (description: string): Header => ({ description, schema: { type: 'string' } });

const headers = {
  'x-request-id': header('Names the request in logs; the one that was sent, where it was of sane form.'),
  'ratelimit-policy': header('The limits in force, as `"permin";q=600;w=60, "month";q=10000;w=2592000`.'),
  ratelimit: header('What is left of them, as `"permin";r=412;t=23`.'),
  'parley-visitor-token': header(
    'For a visitor who is new, or whose token is older than a day: to be kept, and sent with every request.',
  ),
  'retry-after': header('Seconds to wait before the request is sent again.'),
  'x-should-retry': header(
    '`false` where the same request would be answered the same: a used-up quota, and a turn that failed under an `Idempotency-Key`.',
  ),
  'idempotent-replayed': header('`true` where this is the stored answer to an earlier request with the same key.'),
  'parley-turn-id': header(
    'The turn of the message, also where it failed: what `GET /v1/turns/{turn_id}/stream` resumes, and what the log of the server names.',
  ),
  'www-authenticate': header('`Bearer`: how the key is to be sent.'),
  etag: header('The version of the object, as `If-Match` takes it.'),
  'content-disposition': header('A name for the file.'),
} as const satisfies Record<string, Header> & Record<OwnHeader, Header>;

type HeaderName = keyof typeof headers;

/**
 * Adds to the generated document what schemas cannot say: refusals by status, headers, and the media types of answers that
 * are not JSON.
 */
export const completeDescription = (document: OpenAPIV3_1.Document, routes: readonly Route[]): OpenAPIV3_1.Document => {
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    const operation = document.paths?.[path]?.[route.method.toLowerCase() as 'get'];
    if (operation) completeOperation(operation, route);
  }
  document.webhooks = describeWebhooks();
  const described = simplifySchemas(pruneDescription(document));
  described.components = { ...described.components, headers: { ...headers } };
  return described;
};

const completeOperation = (operation: Operation, route: Route): void => {
  operation.parameters = [...(operation.parameters ?? []), ...requestHeaders(route)];
  // a body that nobody reads is accepted where it is empty, which is nothing to tell
  if (!route.body) delete operation.requestBody;
  else if (operation.requestBody && 'content' in operation.requestBody) {
    operation.requestBody.required = !route.body.safeParse(undefined).success;
    if (route.upload)
      operation.requestBody.content['multipart/form-data'] = { schema: describeForm(route.upload.fields) };
  }
  const responses: Record<string, Response> = {};
  for (const status of Object.keys(route.replies).map(Number)) {
    responses[status] = completeReply(operation.responses?.[status] as Response, route, status);
  }
  for (const [status, codes] of Map.groupBy(declaredErrors(route), (code) => errorCatalogue[code].status)) {
    responses[status] = refusal(codes, route, status);
  }
  operation.responses = responses;
};

const describeForm = (fields: z.ZodObject): OpenAPIV3_1.SchemaObject => {
  const { properties, required = [] } = z.toJSONSchema(fields, { io: 'input' });
  const file = {
    type: 'string',
    contentMediaType: 'application/octet-stream',
    description: 'The file itself.',
  } as const;
  return {
    type: 'object',
    properties: { file, ...(properties as Record<string, OpenAPIV3_1.SchemaObject>) },
    required: ['file', ...required],
    additionalProperties: false,
  };
};

const requestHeaders = (route: Route): OpenAPIV3_1.ParameterObject[] => {
  const described = Object.entries(route.headers ?? {});
  if (isIdempotent(route)) {
    described.push([
      'Idempotency-Key',
      'Any string of up to 255 characters: a repeated request with the same key and body gets the stored answer.',
    ]);
  }
  if (route.access !== 'public' && route.access.principals.some((kind) => kind !== 'visitor')) {
    described.push([
      'Parley-Workspace',
      'The id of a client workspace that the request is meant for; needs the scope `workspaces:write` as well.',
    ]);
  }
  return described.map(([name, description]) => ({ name, in: 'header', description, schema: { type: 'string' } }));
};

const completeReply = (reply: Response, route: Route, status: number): Response => {
  const schema = route.replies[status];
  const names: HeaderName[] = ['x-request-id'];
  if (route.access !== 'public') names.push('ratelimit-policy', 'ratelimit');
  if (isIdempotent(route)) names.push('idempotent-replayed');
  if (route.access !== 'public' && route.access.takesMessage) names.push('parley-visitor-token');
  names.push(...ownHeaders(route, status));
  const types = route.otherContent?.[status];
  const json = reply.content?.['application/json'];
  return {
    description: schema?.description ?? STATUS_CODES[status] ?? 'An answer.',
    headers: headerReferences(names),
    ...(schema === noBody || !json ? {} : { content: contentOf(json, types) }),
  };
};

const ownHeaders = ({ sends = {} }: Route, status: number): OwnHeader[] =>
  (Object.keys(sends) as OwnHeader[]).filter((name) => sends[name]?.includes(status));

/** What an event stream carries. OpenAPI 3.1 has no word for a sequence: the schema is that of one event. */
const eventSchema = '#/components/schemas/TurnEvent';

const contentOf = (
  json: OpenAPIV3_1.MediaTypeObject,
  types: readonly string[] | undefined,
): Record<string, OpenAPIV3_1.MediaTypeObject> => {
  if (!types) return { 'application/json': json };
  const others = Object.fromEntries(types.map((type) => [type, { schema: schemaOf(type) }]));
  return isJson(json.schema) ? { 'application/json': json, ...others } : others;
};

const schemaOf = (type: string): OpenAPIV3_1.ReferenceObject | OpenAPIV3_1.SchemaObject => {
  if (type === 'text/event-stream') return { $ref: eventSchema };
  // an object that is at hand as text, and leaves as it is
  return { type: type === 'application/json' ? 'object' : 'string' };
};

/** False for a schema that describes an answer of another type. */
const isJson = (schema: OpenAPIV3_1.MediaTypeObject['schema']): boolean => {
  if (!schema) return false;
  return '$ref' in schema ? schema.$ref !== eventSchema : schema.type !== 'string';
};

/** Codes that SDKs would repeat by themselves, and that may come with the word not to. */
const neverAgain: ReadonlySet<ErrorCode> = new Set([
  'quota_exceeded',
  'model_error',
  'model_unavailable',
  'model_timeout',
]);

const refusal = (codes: readonly ErrorCode[], route: Route, status: number): Response => {
  const lines = codes.map((code) => `- \`${code}\`: ${errorCatalogue[code].title}.`);
  const names: HeaderName[] = ['x-request-id'];
  if (status === 401) names.push('www-authenticate');
  // whoever was let in is told what is left to them, whatever becomes of the request
  else if (route.access !== 'public') {
    names.push('ratelimit-policy', 'ratelimit');
    if (route.access.takesMessage) names.push('parley-visitor-token');
  }
  if (codes.some(saysWhenToRetry)) names.push('retry-after');
  if (codes.some((code) => neverAgain.has(code))) names.push('x-should-retry');
  names.push(...ownHeaders(route, status));
  return {
    description: lines.join('\n'),
    headers: headerReferences(names),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
};

const headerReferences = (names: readonly HeaderName[]): Record<string, OpenAPIV3_1.ReferenceObject> =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
