import { ChatModelError, type ChatModelErrorKind } from '../../core/turn/chat-model.ts';
import { OutboundError } from '../../kit/outbound/outbound-error.ts';
import { isContextTooLong } from './context-too-long.ts';
import type { ProviderFault } from './provider-fault.ts';
import { scrub } from './scrub.ts';

const overloadStatuses: ReadonlySet<number> = new Set([429, 503, 529]);

/** 4xx that another try may turn: the server was busy with something else. */
const passingStatuses: ReadonlySet<number> = new Set([408, 409, 425]);

const kindOf = (fault: ProviderFault): ChatModelErrorKind => {
  if (isContextTooLong(fault)) return 'context_too_long';
  const { status } = fault;
  if (status === null) {
    return /rate.?limit|overload|capacity|quota/i.test(`${fault.code} ${fault.type}`) ? 'overloaded' : 'unavailable';
  }
  if (overloadStatuses.has(status)) return 'overloaded';
  if (status >= 500 || passingStatuses.has(status)) return 'unavailable';
  return 'rejected';
};

/** The prompt or the answer was stopped by the provider's rules on content, which some servers report as an error. */
export const isContentFilter = (fault: ProviderFault): boolean =>
  /\b(content_filter|content_policy_violation|ResponsibleAIPolicyViolation)\b/.test(fault.code);

/** From what the provider said of its failure; the key is taken out of its words. */
export const mapFault = (
  fault: ProviderFault,
  options: { key: string | null; retryAfterMs?: number | null },
): ChatModelError => {
  const words = [fault.code, fault.type, fault.message].filter((part) => part !== '').join(': ');
  const label = fault.status === null ? 'error in the answer' : `status ${fault.status}`;
  const said = scrub(words, options.key);
  return new ChatModelError(kindOf(fault), said === '' ? label : `${label}: ${said}`, {
    ...(fault.status === null ? {} : { status: fault.status }),
    ...(options.retryAfterMs == null ? {} : { retryAfterMs: options.retryAfterMs }),
  });
};

const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return '';
  const { code } = error as NodeJS.ErrnoException;
  // Several addresses were tried, each with an error of its own (RFC 8305).
  return code ?? (error instanceof AggregateError ? codeOf(error.errors[0]) : '');
};

/** From a failure of the connection. Only its code is named: messages hold addresses. */
export const mapConnectionError = (error: unknown): ChatModelError => {
  // From the guard over tenants' addresses, which says nothing of what stands behind them.
  if (error instanceof OutboundError) {
    return new ChatModelError(error.kind === 'invalid' ? 'rejected' : 'unavailable', error.message, { cause: error });
  }
  const code = codeOf(error);
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    return new ChatModelError('timeout', `no connection: ${code}`, { cause: error });
  }
  const broken = error instanceof Error && error.name === 'HTTPParserError';
  if (broken || code === 'UND_ERR_HEADERS_OVERFLOW') {
    // Without its cause, which holds the bytes that were received.
    return new ChatModelError('malformed', `the answer is no HTTP: ${code || 'unknown'}`);
  }
  return new ChatModelError('unavailable', `the connection failed: ${code || 'unknown'}`, {
    cause: error,
  });
};
