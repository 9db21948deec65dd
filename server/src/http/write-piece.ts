import type { ServerResponse } from 'node:http';

/**
 * Writes a piece of a body whose beginning has been written, and returns what `response.write` does. To an idle connection
 * it goes as one string, a chunk of the chunked coding with its frame (RFC 9112, section 7.1): node:http writes four, and
 * gathers them again, for more than twice the time. Whatever could fill the connection is left to node:http, which then
 * says when the reader has taken it.
 */
export const writePiece = (response: ServerResponse, text: string): boolean => {
  const { socket } = response;
  // a response has no connection while another is before it; HTTP/1.0 has no chunks, and nothing is no chunk but the end
  if (socket === null || !response.chunkedEncoding || socket.writableLength > 0 || text === '') {
    return response.write(text);
  }
  const sizeBytes = Buffer.byteLength(text);
  const chunk = `${sizeBytes.toString(16)}\r\n${text}\r\n`;
  if (chunk.length >= socket.writableHighWaterMark) return response.write(text);
  // Latin-1 writes the same bytes where all is ASCII, and faster
  return socket.write(chunk, sizeBytes === text.length ? 'latin1' : 'utf8');
};
