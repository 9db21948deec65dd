import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a path answers with; a text is an HTML page. */
export type SitePage =
  | string
  | {
      status?: number;
      headers?: Record<string, string>;
      body?: string | Uint8Array;
      delayMs?: number;
    };

export type Visit = { path: string; headers: IncomingHttpHeaders; at: number };

/** A page with a heading, some text and links. */
export const htmlPage = (title: string, text: string, links: readonly string[] = [], head = ''): string =>
  `<!doctype html><html lang="en"><head><title>${title}</title>${head}</head><body><main><h1 id="top">${title}</h1>
   <p>${text}</p><ul>${links.map((link) => `<li><a href="${link}">${link}</a></li>`).join('')}</ul></main></body></html>`;

/**
 * A web server on this machine whose pages a test can change. It answers conditional requests by the `etag` of a page, and
 * notes who came.
 */
export const startWebSite = async (pages: Record<string, SitePage>) => {
  const visits: Visit[] = [];
  let open = 0;
  let mostOpen = 0;
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    visits.push({ path, headers: request.headers, at: Date.now() });
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    response.on('close', () => (open -= 1));
    const found = pages[path] ?? { status: 404, body: 'nothing here' };
    const page = typeof found === 'string' ? { body: found } : found;
    const headers: Record<string, string> = {
      'content-type': 'text/html; charset=utf-8',
      ...page.headers,
    };
    const isKnown = headers['etag'] !== undefined && request.headers['if-none-match'] === headers['etag'];
    const answer = (): void => {
      response.writeHead(isKnown ? 304 : (page.status ?? 200), headers);
      response.end(isKnown ? undefined : page.body);
    };
    if (page.delayMs === undefined) answer();
    else setTimeout(answer, page.delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    pages,
    visits,
    /** Paths that were asked for since the last look, in their order; `robots.txt` aside. */
    takePaths(): string[] {
      return visits
        .splice(0)
        .map(({ path }) => path)
        .filter((path) => path !== '/robots.txt');
    },
    mostAtOnce: () => mostOpen,
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

export type WebSite = Awaited<ReturnType<typeof startWebSite>>;
