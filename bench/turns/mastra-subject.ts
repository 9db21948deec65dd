import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answering } from '../parley-process.ts';
import { freePort } from '../pinned-process.ts';
import type { Mode, Subject } from './measure.ts';
import type { Surroundings } from './surroundings.ts';

const answerPauseMs = 100;
const peers = join(import.meta.dirname, '../peers');

/** Mastra's server, which keeps the conversation in LibSQL and shows the model its last 20 messages. */
export const mastraSubject = async (around: Surroundings): Promise<Subject> => {
  const port = String(await freePort());
  const server = around.startServer(join(peers, 'mastra-server.mjs'), {
    cwd: peers,
    env: {
      PORT: port,
      UPSTREAM_FAST: around.mocks.fast,
      UPSTREAM_SLOW: around.mocks.slow,
      DATABASE: join(around.directory, 'mastra.db'),
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await answering(`${url}/api/agents`, { pauseMs: answerPauseMs });
  return {
    name: 'Mastra',
    target: (speed) => ({
      url: `${url}/api/agents/${speed}/generate`,
      pid: server.pid,
      loadArguments: (mode) => {
        const generator = join(around.directory, `mastra-${speed}-${mode}.mjs`);
        writeFileSync(generator, requestGenerator(`/api/agents/${speed}/${mode === 'sse' ? 'stream' : 'generate'}`));
        return ['--gen', generator, ...marks(mode)];
      },
    }),
  };
};

const marks = (mode: Mode): string[] =>
  mode === 'sse' ? ['--expect', '[DONE]', '--match', '"type":"text-delta"'] : [];

/** The new message alone, in a thread for each of the generator's slots. */
const requestGenerator = (path: string): string => `
export const req = (number, slot) => ({
  path: '${path}',
  body: JSON.stringify({
    messages: [{ role: 'user', content: 'Hello there, what can you do for me today?' }],
    memory: { thread: 'thread-' + slot, resource: 'user-' + slot },
  }),
});
`;
