import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Says which server answered: its place in the list. */
export const servedBy = 'x-served-by';

/**
 * The smallest balancer: each request goes to the next server, and to the one behind it where nobody listens. What breaks
 * later breaks for the client too.
 */
export const startRoundRobin = async (backends: readonly string[]) => {
  let turn = 0;
  const server = createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      turn += 1;
      pass(turn, backends.length);
    });
    const pass = (place: number, triesLeft: number): void => {
      const index = place % backends.length;
      const { method, url, headers } = incoming;
      const onward = request(new URL(url ?? '/', backends[index]), {
        ...(method ? { method } : {}),
        headers: rest(headers),
      });
      onward.on('response', (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, { ...rest(answer.headers), [servedBy]: String(index) });
        answer.pipe(outgoing);
        answer.on('error', () => outgoing.destroy());
        answer.on('aborted', () => outgoing.destroy());
      });
      onward.on('error', () => {
        if (outgoing.headersSent) outgoing.destroy();
        else if (triesLeft > 1) pass(place + 1, triesLeft - 1);
        else outgoing.writeHead(502).end();
      });
      outgoing.on('close', () => onward.destroy());
      onward.end(Buffer.concat(parts));
    };
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

/** Headers of one connection are not those of the next. */
const rest = ({ connection: _connection, 'transfer-encoding': _encoding, ...headers }: IncomingHttpHeaders) => headers;
