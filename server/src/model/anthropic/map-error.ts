import type { ProviderFault } from '../exchange/provider-fault.ts';

/** The statuses that errors would have had, had they come before the stream. https://docs.claude.com/en/api/errors */
const statuses: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** An error inside an answer whose status was 200, told by its type alone. */
export const withStatus = (fault: ProviderFault): ProviderFault =>
  fault.status === null ? { ...fault, status: statuses[fault.type] ?? null } : fault;
