import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A customer's web site on a port, and so an origin, of its own: text by path, and 204 for what it has not. */
export const startPageServer = async () => {
  const pages = new Map<string, { type: string; text: string }>();
  const server = createServer((request, response) => {
    const page = pages.get(request.url ?? '');
    if (!page) {
      response.writeHead(204).end();
      return;
    }
    response.writeHead(200, { 'content-type': `${page.type}; charset=utf-8`, 'cache-control': 'no-store' });
    response.end(page.text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    put(path: string, text: string, type = 'text/html'): void {
      pages.set(path, { type, text });
    },
    remove: (path: string) => pages.delete(path),
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

export type PageServer = Awaited<ReturnType<typeof startPageServer>>;
