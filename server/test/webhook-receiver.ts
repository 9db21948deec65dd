import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The far side of a webhook: notes what comes, and answers as the test decides. */

export type Received = {
  path: string;
  headers: IncomingHttpHeaders;
  /** As it came, for the signature. */
  text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into payloads of every type
  body: any;
};

/** A status, with headers where they matter; null leaves the caller waiting. */
export type Reaction = { status: number; headers?: Record<string, string> } | null;

type React = (request: Received) => Reaction | Promise<Reaction>;

export const startReceiver = async (react: React = () => ({ status: 204 })) => {
  const received: Received[] = [];
  let current = react;
  const answer = async (call: Received, response: ServerResponse): Promise<void> => {
    const reaction = await current(call);
    if (reaction) response.writeHead(reaction.status, reaction.headers).end();
  };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString();
      const call: Received = {
        path: request.url ?? '',
        headers: request.headers,
        text,
        body: text === '' ? null : (JSON.parse(text) as unknown),
      };
      received.push(call);
      void answer(call, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    received,
    /** What came to a path, in order. */
    at: (path: string): Received[] => received.filter((call) => call.path === path),
    use(next: React): void {
      current = next;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

export type Receiver = Awaited<ReturnType<typeof startReceiver>>;
