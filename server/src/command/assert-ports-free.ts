import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Config } from '../config/config.ts';

const assertPortFree = async (host: string, port: number): Promise<void> => {
  const server = createServer();
  server.listen(port, host);
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
};

/**
 * Listens for a moment wherever the server will, so that a port that is taken stops the start before it has made and shown
 * a key that is shown once. Throws what listening throws.
 */
export const assertPortsFree = async ({ host, port, metrics }: Config): Promise<void> => {
  await assertPortFree(host, port);
  if (metrics.kind === 'port') await assertPortFree(host, metrics.port);
};
