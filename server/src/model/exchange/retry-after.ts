import type { IncomingHttpHeaders } from 'node:http';

/** A provider that asks for more than a day has sent nonsense, or a time zone. */
const MAX_RETRY_AFTER_MS = 24 * 3600 * 1000;

const first = (value: string | string[] | undefined): string =>
  Array.isArray(value) ? (value[0] ?? '') : (value ?? '');

/**
 * How long the provider asks us to wait, in milliseconds: `retry-after-ms` (OpenAI, Azure), or `retry-after` as seconds
 * or as a date (RFC 9110, 10.2.3). Null where it says nothing that can be understood.
 */
export const readRetryAfter = (headers: IncomingHttpHeaders, now: number): number | null => {
  const exact = first(headers['retry-after-ms']);
  const usual = first(headers['retry-after']);
  let wait = Number.NaN;
  if (/^\d+(\.\d+)?$/.test(exact)) wait = Number(exact);
  else if (/^\d+(\.\d+)?$/.test(usual)) wait = Number(usual) * 1000;
  else if (/[a-z]/i.test(usual)) wait = Date.parse(usual) - now;
  return Number.isFinite(wait) ? Math.min(Math.max(0, Math.round(wait)), MAX_RETRY_AFTER_MS) : null;
};
