import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { writePiece } from './write-piece.ts';

let stop: (() => void) | null = null;
afterEach(() => stop?.());

/** What a client reads of a response that `answer` has written, to the end of the connection. */
const read = async (version: '1.0' | '1.1', answer: (response: ServerResponse) => Promise<void>): Promise<string> => {
  const server = createServer({ highWaterMark: 1024 }, (_request, response) => {
    response.writeHead(200, { connection: 'close' });
    response.flushHeaders();
    void answer(response).then(() => response.end('end'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  stop = () => {
    client.destroy();
    server.close();
  };
  client.write(`GET / HTTP/${version}\r\nhost: here\r\n\r\n`);
  let text = '';
  client.setEncoding('utf8').on('data', (part: string) => (text += part));
  await once(client, 'end');
  return text.slice(text.indexOf('\r\n\r\n') + 4);
};

const tick = () => new Promise((resolve) => setImmediate(resolve));
const large = 'ў'.repeat(2000);

test('pieces of any letters and size arrive as chunks in their order', async () => {
  const answered: boolean[] = [];
  const body = await read('1.1', async (response) => {
    for (const piece of ['plain', 'größer 😀', large, 'behind', '']) answered.push(writePiece(response, piece));
    await tick();
    writePiece(response, 'next');
  });
  expect(body).toBe(
    [`5\r\nplain`, `d\r\ngrößer 😀`, `fa0\r\n${large}`, `6\r\nbehind`, `4\r\nnext`, `3\r\nend`, `0\r\n\r\n`].join(
      '\r\n',
    ),
  );
  // the large piece fills the connection
  expect(answered).toEqual([true, true, false, false, false]);
});

test('HTTP/1.0 gets the text without chunks', async () => {
  const body = await read('1.0', async (response) => {
    writePiece(response, 'one ');
    await tick();
    writePiece(response, 'two ');
  });
  expect(body).toBe('one two end');
});
