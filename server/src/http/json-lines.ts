import type { FastifyReply } from 'fastify';
import { readerTakes } from './reader-patience.ts';

/** Objects one after the other, a line each (https://jsonlines.org). */

/** Written at once. */
const pieceCharacters = 32 * 1024;

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
    if (!response.write(piece) && !response.destroyed) await readerTakes(response);
    piece = '';
  }
  response.end(piece);
};
