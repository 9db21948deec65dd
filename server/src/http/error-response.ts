import { type ErrorCode, errorCatalogue } from '@parley/protocol/error-catalogue';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ParleyError } from '../core/error.ts';
import { presentProblem } from './present/problem.ts';

/** Where nobody said when to come back: soon enough for a person, late enough not to make it worse. */
const defaultRetryAfterSeconds = 1;

/** The framework's own refusals, by its code. */
const frameworkCodes: Readonly<Record<string, { code: ErrorCode; detail?: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'body_too_large' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'unsupported_media_type' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'invalid_request',
    detail: 'The body is not as long as its content-length says.',
  },
  FST_ERR_BAD_URL: { code: 'invalid_request', detail: 'The path is not valid: check its percent-encoding.' },
};

/** Any thrown thing as what a caller may know of it. */
export const toParleyError = (error: unknown): ParleyError => {
  if (error instanceof ParleyError) return error;
  const known = frameworkCodes[(error as Partial<FastifyError> | null)?.code ?? ''];
  if (known) return new ParleyError(known.code, known.detail, { cause: error });
  if (isRefusal(error)) {
    return new ParleyError('invalid_request', 'The request is not one that this server takes.', { cause: error });
  }
  return new ParleyError('internal_error', undefined, { cause: error });
};

/** What the framework itself refuses, for reasons that only somebody who looks for them meets. */
const isRefusal = (error: unknown): boolean => {
  if (!(error instanceof Error) || !('statusCode' in error)) return false;
  return typeof error.statusCode === 'number' && error.statusCode >= 400 && error.statusCode < 500;
};

/** True for a refusal that always says in `Retry-After` when to come back. */
export const saysWhenToRetry = (code: ErrorCode): boolean => {
  const { status, retry } = errorCatalogue[code];
  return retry && (status === 409 || status === 429 || status === 503);
};

/** The headers that belong to an error, whatever its body is; `complete-description.ts` declares them. */
const errorHeaders = (error: ParleyError): Record<string, string> => {
  const { status } = errorCatalogue[error.code];
  const headers: Record<string, string> = {};
  const retryAfter = error.retryAfterSeconds ?? (saysWhenToRetry(error.code) ? defaultRetryAfterSeconds : null);
  if (retryAfter !== null) headers['retry-after'] = String(Math.max(1, Math.ceil(retryAfter)));
  // OpenAI's and Stripe's SDKs retry every 429 by themselves unless they are told
  if (error.code === 'quota_exceeded') headers['x-should-retry'] = 'false';
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  return headers;
};

/** Answers with the problem, and leaves on the request what only the operator may read: the log of requests takes it. */
export const sendProblem = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const known = toParleyError(error);
  request.refusal = known;
  const shown = withRoute(known, request);
  const { status } = errorCatalogue[shown.code];
  return reply
    .code(status)
    .headers(errorHeaders(shown))
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(presentProblem(shown, request.id)));
};

/** What only the route can say of a refusal: its limit, and what it takes. */
const withRoute = (error: ParleyError, { routeOptions: { bodyLimit, config } }: FastifyRequest): ParleyError => {
  if (error.detail !== errorCatalogue[error.code].advice) return error;
  if (error.code === 'body_too_large' && bodyLimit !== undefined) {
    return new ParleyError('body_too_large', `The body may have at most ${bodyLimit} bytes.`);
  }
  if (error.code === 'unsupported_media_type' && config.route?.upload) {
    const detail = 'Send `content-type: application/json`, or a form with a `file` as `multipart/form-data`.';
    return new ParleyError('unsupported_media_type', detail);
  }
  return error;
};

/** The name of a request's operation for logs and metrics; never its path, which holds ids. */
export const operationOf = (request: FastifyRequest): string =>
  request.routeOptions.config.route?.operationId ?? 'unknown';
