import { asList, asRecord, asText } from './json.ts';
import { MAX_ERROR_BODY_BYTES } from './limits.ts';

/** What a provider says about its failure, in its own words; empty where it says nothing. */
export type ProviderFault = {
  /** The HTTP status of the answer, or the one a stream names in its error. */
  status: number | null;
  code: string;
  type: string;
  param: string;
  message: string;
};

/** A problem of a validating server (FastAPI): the path of the field and what is wrong, never the echoed input. */
const describeDetail = (detail: unknown): string => {
  const record = asRecord(detail);
  if (record === null) return asText(detail) ?? '';
  const path = asList(record.loc)?.join('.') ?? '';
  return `${path}: ${asText(record.msg) ?? ''}`;
};

const readMessage = (value: unknown): string => {
  const text = asText(value);
  if (text !== null) return text;
  const list = asList(value);
  if (list !== null) return list.map(describeDetail).join('; ');
  const record = asRecord(value);
  return record === null ? '' : readMessage(record.message ?? record.detail ?? record.msg ?? null);
};

const word = (value: unknown): string => (typeof value === 'number' ? String(value) : (asText(value) ?? ''));

const asStatus = (value: unknown): number | null => {
  const status = Number(value);
  return Number.isInteger(status) && status >= 400 && status <= 599 ? status : null;
};

/**
 * Reads an error as the servers of this dialect write it: `{error: {message, type, code, param}}`, `{error: "…"}`, the
 * members without their envelope, `{detail: […]}`, or a list with one of these in it (Gemini).
 */
export const readFault = (value: unknown, status: number | null): ProviderFault => {
  const outer = asRecord(asList(value)?.[0] ?? value);
  const error = asRecord(outer?.error) ?? outer;
  const inner = asRecord(error?.innererror);
  const message = readMessage(error?.message ?? outer?.error ?? outer?.detail ?? null);
  return {
    status: status ?? asStatus(error?.code) ?? asStatus(error?.status) ?? asStatus(error?.status_code),
    code: [word(error?.code), word(inner?.code)].filter(Boolean).join(' '),
    type: word(error?.type) || word(error?.status),
    param: word(error?.param),
    message,
  };
};

/** As `readFault`, from the body of an answer that may be no JSON at all (a gateway's page). */
export const parseFault = (body: string, status: number): ProviderFault => {
  try {
    return readFault(JSON.parse(body), status);
  } catch {
    return { status, code: '', type: '', param: '', message: body.slice(0, MAX_ERROR_BODY_BYTES) };
  }
};
