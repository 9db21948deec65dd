import type { FastifyRequest } from 'fastify';
import { ParleyError } from '../core/error.ts';

/**
 * Bodies are taken as they are: what is packed would have to be unpacked before its size is known. Throws
 * unsupported_media_type (RFC 9110, 15.5.16) where the body says that it is encoded.
 */
export const assertPlainBody = ({ headers }: FastifyRequest): void => {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding.trim().toLowerCase() === 'identity') return;
  throw new ParleyError(
    'unsupported_media_type',
    'Encoded bodies are not taken: send it as it is, without `content-encoding`.',
  );
};
