import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type AddressInfo, createServer, type Socket } from 'node:net';

const clientSockets = 'net.client.socket';

/**
 * Listens on every address of this machine, and counts who comes; counts beside it every connection that this process
 * tries, to wherever it may lead.
 */
export const startCanary = async () => {
  const visits: string[] = [];
  let attempts = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    visits.push(socket.localAddress ?? '');
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\ncanary');
  });
  await new Promise<void>((resolve) => server.listen(0, '::', resolve));
  const count = (): void => void (attempts += 1);
  subscribe(clientSockets, count);
  return {
    port: (server.address() as AddressInfo).port,
    /** The addresses at which somebody called. */
    visits,
    /** Connections that were begun since the last look, whether they came anywhere or not. */
    takeAttempts(): number {
      const seen = attempts;
      attempts = 0;
      return seen;
    },
    async close(): Promise<void> {
      unsubscribe(clientSockets, count);
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

export type Canary = Awaited<ReturnType<typeof startCanary>>;
