import type { Socket } from 'node:net';
import { newId } from '../kit/id.ts';
import { ParleyError } from '../core/error.ts';
import { presentProblem } from './present/problem.ts';

/** Answers what is not even HTTP, or did not arrive in time, and hangs up. */
export const refuseMalformed = (error: Error & { code?: string }, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, detail } = statusOf(error.code);
  const problem = presentProblem(new ParleyError('invalid_request', detail), newId('req'));
  const body = JSON.stringify({ ...problem, status });
  socket.end(
    `HTTP/1.1 ${status} ${detail}\r\ncontent-type: application/problem+json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
};

const statusOf = (code: string | undefined): { status: number; detail: string } => {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { status: 408, detail: 'The request did not arrive in time.' };
  if (code === 'HPE_HEADER_OVERFLOW') return { status: 431, detail: 'The headers are too large.' };
  return { status: 400, detail: 'This is not a valid HTTP request.' };
};
