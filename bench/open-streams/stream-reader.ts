import { once } from 'node:events';
import { connect } from 'node:net';

/** A stream as it is read: light enough that thousands of them fit beside each other. */
export type StreamReader = {
  /** The last of what has come: any event is shorter. */
  text: string;
  /** Signs of life so far. */
  beats: number;
  ended: boolean;
};

const keptCharacters = 4_096;

/** Resolves once the request is sent. */
export const openStream = async (request: {
  url: string;
  key: string;
  method: string;
  path: string;
  body?: unknown;
}): Promise<StreamReader> => {
  const { hostname, port, host } = new URL(request.url);
  const socket = connect(Number(port), hostname);
  const reader: StreamReader = { text: '', beats: 0, ended: false };
  socket.setEncoding('utf8').on('data', (part: string) => {
    reader.text = (reader.text + part).slice(-keptCharacters);
    if (/^:$/m.test(part)) reader.beats += 1;
  });
  socket.on('close', () => (reader.ended = true));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const body = request.body === undefined ? '' : JSON.stringify(request.body);
  const head = [
    `${request.method} ${request.path} HTTP/1.1`,
    `host: ${host}`,
    `authorization: Bearer ${request.key}`,
    'connection: close',
    ...(body === '' ? [] : ['content-type: application/json', `content-length: ${Buffer.byteLength(body)}`]),
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  return reader;
};
