import { hash } from 'node:crypto';
import { ParleyError } from '../core/error.ts';

/** How long an Idempotency-Key stands for its answer. */
export const idempotencyKeptMs = 24 * 60 * 60 * 1_000;

const printable = /^[\x20-\x7e]{1,255}$/;

/** The key as it was meant, bare or in quotes; null where none was sent. */
export const readIdempotencyKey = (header: string | undefined): string | null => {
  if (header === undefined) return null;
  const key = header.length > 1 && header.startsWith('"') && header.endsWith('"') ? header.slice(1, -1) : header;
  if (printable.test(key)) return key;
  throw new ParleyError('invalid_request', '`Idempotency-Key` must have 1 to 255 printable ASCII characters.', {
    param: 'Idempotency-Key',
  });
};

/** SHA-256 of what a request asks for: method, path with its ids, and the body whatever the order of its fields. */
export const fingerprintOf = (method: string, path: string, body: unknown): string =>
  hash('sha256', `${method} ${path}\n${canonicalJson(body)}`, 'base64url');

/** JSON with sorted fields. Bodies are bounded in depth before they come here. */
const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
};
