import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/** Objects one after the other, a line each (https://jsonlines.org). */

/** Written at once. */
const pieceCharacters = 32 * 1024;
/** A reader that takes nothing for so long is cut off. */
const maxSilentMs = 30_000;

/**
 * Takes the reply over and writes the lines to it, never more than the reader takes. Resolves when all are written or the
 * reader has left; where the lines break off, the answer breaks off too.
 */
export const streamJsonLines = async (
  reply: FastifyReply,
  lines: AsyncIterable<object>,
  { fileName }: { fileName: string },
): Promise<void> => {
  reply.hijack();
  const response = reply.raw;
  const headers = {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'application/jsonl; charset=utf-8',
    'content-disposition': `attachment; filename="${fileName}"`,
    'cache-control': 'no-store',
  };
  response.writeHead(200, headers);
  let piece = '';
  for await (const line of lines) {
    if (response.destroyed) return;
    piece += `${JSON.stringify(line)}\n`;
    if (piece.length < pieceCharacters) continue;
    await write(response, piece);
    piece = '';
  }
  response.end(piece);
};

const write = async (response: ServerResponse, piece: string): Promise<void> => {
  if (response.write(piece) || response.destroyed) return;
  const patience = setTimeout(() => response.destroy(), maxSilentMs);
  const left = new AbortController();
  try {
    await Promise.race([
      once(response, 'drain', { signal: left.signal }),
      once(response, 'close', { signal: left.signal }),
    ]);
  } finally {
    clearTimeout(patience);
    left.abort();
  }
};
