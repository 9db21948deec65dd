import { hash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { ParleyError } from '../core/error.ts';

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

/** Node joins a header that comes twice with a comma: two keys would be taken for a third. Refused before anything runs. */
export const refuseRepeatedKeys = (server: FastifyInstance): void => {
  server.addHook('onRequest', ({ headers, raw }, _reply, done) => {
    if (headers['idempotency-key'] === undefined || countOf(raw.rawHeaders, 'idempotency-key') < 2) {
      done();
      return;
    }
    done(
      new ParleyError('invalid_request', 'Send `Idempotency-Key` once: it came more than once.', {
        param: 'Idempotency-Key',
      }),
    );
  });
};

/** How often a header was sent; names and values stand in turn. */
const countOf = (rawHeaders: readonly string[], name: string): number => {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const text = rawHeaders[at];
    if (text?.length === name.length && text.toLowerCase() === name) count += 1;
  }
  return count;
};

/** SHA-256 of what a request asks for: method, path with its ids, and the body whatever the order of its fields. */
export const fingerprintOf = (method: string, path: string, body: unknown): string =>
  hash('sha256', `${method} ${path}\n${canonicalJson(body)}`, 'base64url');

/** JSON with sorted fields. Bodies are bounded in depth before they come here. */
const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    let members = '';
    for (const name of Object.keys(value).toSorted()) {
      const member = (value as Record<string, unknown>)[name];
      if (member === undefined) continue;
      members += `${members === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(member)}`;
    }
    return `{${members}}`;
  }
  return JSON.stringify(value) ?? 'null';
};
