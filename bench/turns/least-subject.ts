import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answering } from '../parley-process.ts';
import { freePort } from '../pinned-process.ts';
import type { ModelSpeed, Subject } from './measure.ts';
import { firstToken, requestGenerator, type Said } from './parley-subject.ts';
import type { Surroundings } from './surroundings.ts';

const answerPauseMs = 100;

/** The least that keeps a turn, called as Parley is: a process for each of the two models. */
export const leastSubject = async (around: Surroundings, { messages }: Said): Promise<Subject> => {
  const start = async (speed: ModelSpeed) => {
    const port = String(await freePort());
    const server = around.startServer(join(import.meta.dirname, 'least-server.ts'), {
      cwd: import.meta.dirname,
      env: { PORT: port, UPSTREAM: around.mocks[speed], DATABASE: join(around.directory, `least-${speed}.db`) },
    });
    const url = `http://127.0.0.1:${port}`;
    await answering(url, { pauseMs: answerPauseMs });
    return { url, pid: server.pid };
  };
  const servers = { fast: await start('fast'), slow: await start('slow') };
  const nobody = { key: '', bots: { fast: '', slow: '' } };
  return {
    name: 'least durable',
    target: (speed) => ({
      url: `${servers[speed].url}/v1/chat`,
      pid: servers[speed].pid,
      loadArguments: (mode, level) => {
        const generator = join(around.directory, `least-${speed}-${level}.mjs`);
        writeFileSync(generator, requestGenerator([nobody], { speed, level, messages }));
        return ['--gen', generator, '--expect', '"finish_reason":"stop"', ...firstToken(mode)];
      },
    }),
  };
};
