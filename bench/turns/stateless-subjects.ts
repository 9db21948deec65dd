import { join } from 'node:path';
import { answering } from '../parley-process.ts';
import { freePort, type PinnedProcess } from '../pinned-process.ts';
import type { Mode, ModelSpeed, Subject } from './measure.ts';
import type { Surroundings } from './surroundings.ts';

const answerPauseMs = 100;

/** The whole history goes with each request, for what keeps none. */
const stateless = (tools: string, mode: Mode): string[] => [
  '--gen',
  join(tools, 'gen-hist20.mjs'),
  '--expect',
  mode === 'sse' ? '[DONE]' : '"finish_reason":"stop"',
  ...(mode === 'sse' ? ['--match', '"content"'] : []),
];

/** The model itself, with nothing in between. */
export const directSubject = ({ tools, mocks }: Surroundings): Subject => ({
  name: 'direct',
  target: (speed) => ({
    url: `${mocks[speed]}/v1/chat/completions`,
    pid: null,
    loadArguments: (mode) => stateless(tools, mode),
  }),
});

/** Bytes in, bytes out: a process for each of the two models. */
export const proxySubject = async (around: Surroundings): Promise<Subject> => {
  const start = async (speed: ModelSpeed) => {
    const port = String(await freePort());
    const file = join(around.tools, 'raw-proxy.mjs');
    const env = { PORT: port, UPSTREAM: around.mocks[speed] };
    const server = around.startServer(file, { cwd: import.meta.dirname, env });
    await answering(`http://127.0.0.1:${port}/v1/models`, { pauseMs: answerPauseMs });
    return { url: `http://127.0.0.1:${port}/v1/chat/completions`, pid: server.pid };
  };
  const proxies = { fast: await start('fast'), slow: await start('slow') };
  return {
    name: 'raw proxy',
    target: (speed) => ({ ...proxies[speed], loadArguments: (mode) => stateless(around.tools, mode) }),
  };
};

const peers = join(import.meta.dirname, '../peers');

/** The Portkey gateway, which stores nothing. */
export const portkeySubject = async (around: Surroundings): Promise<Subject> => {
  const port = String(await freePort());
  const file = join(peers, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  const server: PinnedProcess = around.startServer(file, { cwd: peers, args: ['--headless', `--port=${port}`] });
  await answering(`http://127.0.0.1:${port}/`, { pauseMs: answerPauseMs });
  const headers = (speed: ModelSpeed) => [
    'authorization=Bearer none',
    'x-portkey-provider=openai',
    `x-portkey-custom-host=${around.mocks[speed]}/v1`,
  ];
  return {
    name: 'Portkey',
    target: (speed) => ({
      url: `http://127.0.0.1:${port}/v1/chat/completions`,
      pid: server.pid,
      loadArguments: (mode) => [...stateless(around.tools, mode), '--header', headers(speed).join(';;')],
    }),
  };
};
