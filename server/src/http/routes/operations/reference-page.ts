import { z } from 'zod';
import { defineRoute, type Route } from '../../define-route.ts';
import { loadReferenceScript } from '../../reference-script.ts';

/**
 * The page's own policy: its scripts and its document come from here and from nowhere else. Styles are written into the
 * page by the script while it runs.
 */
const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Parley API</title>
  </head>
  <body>
    <div id="reference"></div>
    <script src="/docs/reference.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

/** Nothing is loaded from elsewhere, and nothing is sent elsewhere. */
const start = `Scalar.createApiReference('#reference', {
  url: '/openapi.json',
  proxyUrl: '',
  withDefaultFonts: false,
  hideClientButton: true,
  telemetry: false,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
});
`;

/** The reference for people, with all it needs: it works where the internet does not reach. */
export const referencePageRoutes = (): Route[] => [
  defineRoute({
    method: 'GET',
    path: '/docs',
    operationId: 'readReference',
    summary: 'The reference as a web page',
    tag: 'Operations',
    access: 'public',
    replies: { 200: z.string().describe('A web page.') },
    otherContent: { 200: ['text/html'] },
    errors: [],
    handler: async () => ({
      status: 200,
      body: page,
      headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': pagePolicy },
    }),
  }),
  scriptRoute({
    path: '/docs/reference.js',
    operationId: 'readReferenceScript',
    load: loadReferenceScript,
  }),
  scriptRoute({ path: '/docs/start.js', operationId: 'readReferenceStart', load: () => Promise.resolve(start) }),
];

const scriptRoute = (script: { path: `/${string}`; operationId: string; load: () => Promise<string> }): Route =>
  defineRoute({
    method: 'GET',
    path: script.path,
    operationId: script.operationId,
    summary: 'A script of the reference page',
    tag: 'Operations',
    access: 'public',
    hidden: true,
    replies: { 200: z.string() },
    otherContent: { 200: ['text/javascript'] },
    errors: [],
    handler: async () => ({
      status: 200,
      body: await script.load(),
      headers: { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=3600' },
    }),
  });
