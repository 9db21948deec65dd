import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { OutboundError } from './outbound-error.ts';

/** A step of unpacking gives at most so much at once, so that a packed answer passes its limit by no more. */
const chunkSize = 16_384;

const unpackers: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip({ chunkSize }),
  'x-gzip': () => createGunzip({ chunkSize }),
  deflate: () => createInflate({ chunkSize }),
  br: () => createBrotliDecompress({ chunkSize }),
};

/** What is packed twice is refused: nobody does so but for a bomb. */
const unpack = (body: Readable, encoding: string): Readable => {
  const unpacker = unpackers[encoding]?.();
  if (unpacker === undefined) {
    body.destroy();
    throw new OutboundError('broken');
  }
  body.on('error', (error) => unpacker.destroy(error));
  unpacker.once('close', () => body.destroy());
  return body.pipe(unpacker);
};

/** So much of a body is read past, to keep its connection for the next call; a longer one costs it. */
export const maxSkippedBytes = 16_384;
/** As long is waited for its end. */
export const skipWithinMs = 1_000;

/** Reads past a body that nobody wants. Never throws. */
export const skipBody = async (
  body: Readable & { dump(options: { limit: number; signal: AbortSignal }): Promise<void> },
) => {
  body.on('error', () => undefined);
  try {
    await body.dump({ limit: maxSkippedBytes, signal: AbortSignal.timeout(skipWithinMs) });
  } catch {
    body.destroy();
  }
  return Buffer.alloc(0);
};

/** The body, unpacked, of at most `maxBytes`. Throws OutboundError `too_large`, or whatever broke the connection. */
export const readBody = async (
  body: Readable,
  options: { encoding: string | undefined; maxBytes: number },
): Promise<Buffer> => {
  // whoever ends a body early makes it fail, also after the last look at it; a failure nobody hears ends the process
  body.on('error', () => undefined);
  const encoding = (options.encoding ?? '').trim().toLowerCase();
  const plain = encoding === '' || encoding === 'identity' ? body : unpack(body, encoding);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of plain as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // leaving the loop destroys the stream, and with it the connection
    if (bytes > options.maxBytes) throw new OutboundError('too_large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};
