import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Listens for a moment where the server will, so that a port that is taken stops the start before it has made and shown a
 * key that is shown once. Throws what listening throws.
 */
export const assertPortFree = async ({ host, port }: { host: string; port: number }): Promise<void> => {
  const server = createServer();
  server.listen(port, host);
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
};
