import type * as Net from 'node:net';

/** Run in the sandbox by its test: tries every way out that it knows, and prints what came of each. */
const [port = '0'] = process.argv.slice(2);

const attempt = async (act: () => unknown): Promise<string> => {
  try {
    const result = await act();
    return result === undefined ? 'gone' : 'done';
  } catch (error) {
    return `refused ${(error as NodeJS.ErrnoException).code ?? (error as Error).name}`;
  }
};

const connect = (net: typeof Net): Promise<string> =>
  new Promise((done, fail) => {
    const socket = net.connect(Number(port), '127.0.0.1', () => done('connected'));
    socket.on('error', fail);
  });

const report = {
  net: await attempt(async () => connect(await import('node:net'))),
  // oxlint-disable-next-line unicorn/prefer-node-protocol -- a parser may name it so
  bareNet: await attempt(async () => connect(await import('net'))),
  builtin: await attempt(() => connect(process.getBuiltinModule('node:net'))),
  required: await attempt(async () => {
    const { createRequire } = await import('node:module');
    return connect(createRequire(import.meta.url)('net') as typeof Net);
  }),
  dns: await attempt(async () => (await import('node:dns/promises')).lookup('localhost')),
  http: await attempt(async () => import('node:http')),
  tls: await attempt(async () => import('node:tls')),
  dgram: await attempt(async () => import('node:dgram')),
  fetch: await attempt(() => globalThis.fetch(`http://127.0.0.1:${port}/`)),
  webSocket: await attempt(() => new globalThis.WebSocket(`ws://127.0.0.1:${port}/`)),
  binding: await attempt(() => (process as unknown as { binding(name: string): unknown }).binding('tcp_wrap')),
  program: await attempt(async () => (await import('node:child_process')).execFileSync('/bin/true')),
  thread: await attempt(async () => new (await import('node:worker_threads')).Worker('0', { eval: true })),
  readFile: await attempt(async () => (await import('node:fs')).readFileSync('/etc/passwd')),
  readHome: await attempt(async () => (await import('node:fs')).readdirSync('/')),
  readServer: await attempt(async () => (await import('node:fs')).readFileSync(new URL('../boot.ts', import.meta.url))),
  writeFile: await attempt(async () => (await import('node:fs')).writeFileSync('/tmp/parley-probe', 'x')),
  // oxlint-disable-next-line node/no-process-env -- that there is none is what is looked for
  environment: await attempt(() => Object.keys(process['env']).find((name) => !['PWD', 'SHLVL', '_'].includes(name))),
};
process.stdout.write(JSON.stringify(report));
