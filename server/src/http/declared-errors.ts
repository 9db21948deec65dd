import type { ErrorCode } from '@parley/protocol/error-catalogue';
import type { Route } from './define-route.ts';

/** Every code that a route may answer with: what it names itself, and what its kind of route can meet anyway. */
export const declaredErrors = (route: Route): ReadonlySet<ErrorCode> => {
  const codes = new Set<ErrorCode>(['invalid_request', 'unknown_field', 'internal_error']);
  if (route.access !== 'public') {
    for (const code of guardErrors) codes.add(code);
    // a publishable key at least may be refused anywhere
    codes.add('insufficient_scope');
    if (route.access.principals.includes('visitor')) for (const code of visitorErrors) codes.add(code);
  }
  if (route.params) codes.add('not_found');
  if (route.method !== 'GET') for (const code of bodyErrors) codes.add(code);
  if (isIdempotent(route)) codes.add('idempotency_mismatch');
  for (const code of route.errors) codes.add(code);
  return codes;
};

/** True where the registry itself honours an Idempotency-Key. */
export const isIdempotent = ({ method, work }: Route): boolean =>
  method === 'POST' && (work.kind === 'change' || work.repeatable);

const guardErrors: readonly ErrorCode[] = [
  // a client workspace that there is not, in `Parley-Workspace`
  'not_found',
  'missing_api_key',
  'invalid_api_key',
  'revoked_api_key',
  'expired_api_key',
  'rate_limited',
  'overloaded',
  'storage_unavailable',
];

const visitorErrors: readonly ErrorCode[] = [
  'origin_not_allowed',
  'invalid_visitor_token',
  'invalid_user_token',
  'invalid_embed_token',
];

const bodyErrors: readonly ErrorCode[] = ['invalid_json', 'body_too_large', 'unsupported_media_type'];
