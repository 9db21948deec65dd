/**
 * Every error code a client can meet, with what it means and whether sending the same request again can help.
 * Free of dependencies, so that the SDK can carry it as it is. `docs/errors.md` is held equal to this table by a test.
 */

/** The family of an error, as OpenAI's SDKs read it from `error.type`. */
export type ErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'not_found_error'
  | 'conflict_error'
  | 'rate_limit_error'
  | 'quota_error'
  | 'model_error'
  | 'server_error';

export type ErrorEntry = {
  /** The HTTP status where the failure precedes the first byte of the answer. */
  readonly status: number;
  readonly type: ErrorType;
  /** One line for a human; the problem's `title`. */
  readonly title: string;
  /** True where the very same request may succeed later; under a new Idempotency-Key where a turn has failed of it. */
  readonly retry: boolean;
  /** What the caller can do about it; the catalogue page's text. */
  readonly advice: string;
};

const entry = (status: number, type: ErrorType, title: string, retry: boolean, advice: string): ErrorEntry => ({
  status,
  type,
  title,
  retry,
  advice,
});

export const errorCatalogue = {
  invalid_request: entry(
    400,
    'invalid_request_error',
    'The request is not valid',
    false,
    'Read `detail` and `error.param`: they name the field and what it must be.',
  ),
  unknown_field: entry(
    400,
    'invalid_request_error',
    'The request has a field this route does not know',
    false,
    'Remove or correct the field named in `error.param`. Unknown fields are refused so that a typo is never ignored.',
  ),
  invalid_json: entry(
    400,
    'invalid_request_error',
    'The body is not valid JSON',
    false,
    'Send one JSON object in UTF-8, no deeper than 32 levels, with at most 1,000 fields in any object and none of them twice.',
  ),
  message_too_long: entry(
    400,
    'invalid_request_error',
    'The message does not fit',
    false,
    'Shorten the message: it is over the configured length, or larger than the context of the model.',
  ),
  missing_api_key: entry(
    401,
    'authentication_error',
    'No API key was sent',
    false,
    'Send `Authorization: Bearer prl_live_…`.',
  ),
  invalid_api_key: entry(
    401,
    'authentication_error',
    'The API key is not valid',
    false,
    'Check the key for a typo or a missing end. Secrets are shown once; make a new key if this one is lost.',
  ),
  revoked_api_key: entry(
    401,
    'authentication_error',
    'The API key was revoked',
    false,
    'Use another key of the workspace.',
  ),
  expired_api_key: entry(
    401,
    'authentication_error',
    'The API key has expired',
    false,
    'Make a new key, or use the newest secret of a rotated one.',
  ),
  invalid_visitor_token: entry(
    401,
    'authentication_error',
    'The visitor token is not valid',
    false,
    'Drop it and send the message without one: a new visitor begins, and the answer brings their token.',
  ),
  invalid_user_token: entry(
    401,
    'authentication_error',
    'The user token is not valid',
    false,
    'Have your server sign a new one; `detail` says what is wrong with this.',
  ),
  invalid_embed_token: entry(
    401,
    'authentication_error',
    'The embed token is not valid any more',
    false,
    'Load the embedded page again.',
  ),
  insufficient_scope: entry(
    403,
    'permission_error',
    'The API key lacks a scope',
    false,
    'Use a key that holds the scope named in `detail`.',
  ),
  origin_not_allowed: entry(
    403,
    'permission_error',
    'This origin is not allowed',
    false,
    'Use a publishable key whose `allowed_origins` hold the page’s origin exactly, from a page of that origin.',
  ),
  not_found: entry(
    404,
    'not_found_error',
    'There is no such object',
    false,
    'Check the id. What belongs to another workspace answers the same.',
  ),
  method_not_allowed: entry(
    405,
    'invalid_request_error',
    'This path does not take this method',
    false,
    'Use one of the methods in the `allow` header.',
  ),
  conversation_busy: entry(
    409,
    'conflict_error',
    'A turn is already running in this conversation',
    true,
    'Wait for it, or send `on_busy` as `queue`, `interrupt` or `merge`.',
  ),
  conversation_not_taken: entry(
    409,
    'conflict_error',
    "The conversation is in no person's hands",
    false,
    'Take it with `PATCH /v1/conversations/{id}` and `status: "human"`, then reply.',
  ),
  confirmation_required: entry(
    409,
    'conflict_error',
    'The deletion must be confirmed',
    false,
    'Repeat the request with `?confirm=` and the name of the object: it still has conversations, which go with it.',
  ),
  already_exists: entry(
    409,
    'conflict_error',
    'There is one of that name already',
    false,
    'Choose another name, or change the one that is there; `error.param` names the field.',
  ),
  last_owner: entry(
    409,
    'conflict_error',
    'A workspace keeps at least one owner',
    false,
    'Make another member an owner first.',
  ),
  turn_log_expired: entry(
    410,
    'not_found_error',
    'The event log of this turn is no longer kept',
    false,
    'Read the turn itself with `GET /v1/turns/{id}`.',
  ),
  version_mismatch: entry(
    412,
    'conflict_error',
    'The object has changed since it was read',
    false,
    'Read it again and send its `version` in `If-Match`.',
  ),
  body_too_large: entry(
    413,
    'invalid_request_error',
    'The body is too large',
    false,
    'Stay below the limit named in `detail`, or split the request.',
  ),
  unsupported_media_type: entry(
    415,
    'invalid_request_error',
    'The content type is not supported',
    false,
    'Send `content-type: application/json`.',
  ),
  provider_check_failed: entry(
    422,
    'invalid_request_error',
    'The model provider did not answer as it should',
    false,
    'Correct the address or the key as `detail` says, or send `skip_test` as true to save it untested.',
  ),
  idempotency_mismatch: entry(
    422,
    'conflict_error',
    'This Idempotency-Key was used with another request',
    false,
    'Use a new key for a new request, and the same body for a retry.',
  ),
  too_many_queued: entry(
    429,
    'rate_limit_error',
    'Too many messages wait in this conversation',
    true,
    'Wait until one of the waiting turns has ended.',
  ),
  rate_limited: entry(429, 'rate_limit_error', 'Too many requests', true, 'Wait as long as `Retry-After` says.'),
  quota_exceeded: entry(
    429,
    'quota_error',
    'Monthly message quota used up',
    false,
    'Wait for the next period, named in `detail`, or raise the plan.',
  ),
  plan_limit_reached: entry(
    403,
    'quota_error',
    'The plan allows no more of these',
    false,
    'Delete one, or raise the plan; `detail` names the limit.',
  ),
  too_many_streams: entry(
    429,
    'rate_limit_error',
    'Too many streams are open',
    true,
    'Close a stream, or wait for one to end.',
  ),
  internal_error: entry(
    500,
    'server_error',
    'Something went wrong on the server',
    true,
    'Send the request again with the same Idempotency-Key, or with a new one where the answer has `x-should-retry: false`: a turn has failed then. Quote the request id when you report it, and the turn’s where there is one.',
  ),
  model_error: entry(
    502,
    'model_error',
    'The model gave no usable reply',
    true,
    'Ask again with a new Idempotency-Key; if it stays, the operator finds the cause in the log under the id of the turn, which is in `Parley-Turn-Id`.',
  ),
  model_unavailable: entry(
    503,
    'model_error',
    'No model could be reached',
    true,
    'Ask again later with a new Idempotency-Key, or give the bot a fallback model.',
  ),
  model_timeout: entry(504, 'model_error', 'The model took too long', true, 'Ask again with a new Idempotency-Key.'),
  overloaded: entry(503, 'server_error', 'The server has too much to do', true, 'Wait as long as `Retry-After` says.'),
  storage_unavailable: entry(
    503,
    'server_error',
    'The store cannot be used right now',
    true,
    'Wait as long as `Retry-After` says, then send it again, with the same Idempotency-Key: nothing was changed, or `detail` says what goes on.',
  ),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorCatalogue;

/** What a turn can fail with, once it is accepted: its models, what it asks of them, a late quota, or the server. */
export const turnErrorCodes = [
  'model_error',
  'model_unavailable',
  'model_timeout',
  'message_too_long',
  'quota_exceeded',
  'overloaded',
  'storage_unavailable',
  'internal_error',
] as const satisfies readonly ErrorCode[];

export type TurnErrorCode = (typeof turnErrorCodes)[number];

export const isTurnErrorCode = (code: ErrorCode): code is TurnErrorCode =>
  (turnErrorCodes as readonly ErrorCode[]).includes(code);

/** Where a code is explained; the problem's `type`. */
export const errorTypeUrl = (code: ErrorCode): string => `https://parley.dev/errors/${code}`;
