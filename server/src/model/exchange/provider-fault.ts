import { asList, asRecord, asText } from './json.ts';
import { MAX_FAULT_CHARS } from './limits.ts';

/**
 * What a provider says about its failure, in its own words, each of `MAX_FAULT_CHARS` at most; empty where it says
 * nothing.
 */
export type ProviderFault = {
  /** The HTTP status of the answer, or the one a stream names in its error. */
  status: number | null;
  code: string;
  type: string;
  param: string;
  message: string;
};

/** Messages within messages; servers write two. */
const maxDepth = 4;
/** Problems that are told, and steps of a path. */
const maxListed = 16;

/** A problem of a validating server (FastAPI): the path of the field and what is wrong, never the echoed input. */
const describeDetail = (detail: unknown): string => {
  const record = asRecord(detail);
  if (record === null) return asText(detail) ?? '';
  const path = asList(record.loc)?.slice(0, maxListed).map(word).join('.') ?? '';
  return `${path}: ${asText(record.msg) ?? ''}`;
};

const readMessage = (value: unknown, depth = 0): string => {
  const text = asText(value);
  if (text !== null) return text;
  const list = asList(value);
  if (list !== null) return list.slice(0, maxListed).map(describeDetail).join('; ');
  const record = asRecord(value);
  if (record === null || depth === maxDepth) return '';
  return readMessage(record.message ?? record.detail ?? record.msg ?? null, depth + 1);
};

const word = (value: unknown): string => (typeof value === 'number' ? String(value) : (asText(value) ?? ''));

const cut = (text: string): string => text.slice(0, MAX_FAULT_CHARS);

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
    code: cut([word(error?.code), word(inner?.code)].filter(Boolean).join(' ')),
    type: cut(word(error?.type) || word(error?.status)),
    param: cut(word(error?.param)),
    message: cut(message),
  };
};

/** As `readFault`, from the body of an answer that may be no JSON at all (a gateway's page). */
export const parseFault = (body: string, status: number): ProviderFault => {
  try {
    return readFault(JSON.parse(body), status);
  } catch {
    return { status, code: '', type: '', param: '', message: cut(body) };
  }
};
