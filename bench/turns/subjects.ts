import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answering, type ParleyProcess, startParley } from '../parley-process.ts';
import type { Subject } from './measure.ts';

const serverProcessor = '0';
const mockProcessor = '1';
const answerPauseMs = 100;
/** The bot's instructions are as long as the system message that a stateless caller sends along. */
const instructions = 'Answer in short sentences and stay polite at all times.';
const historyMessages = 20;

/** Starts the mock model, the raw proxy and Parley, each a process of its own. */
export const startSubjects = async (tools: string): Promise<{ subjects: Subject[]; stop: () => Promise<void> }> => {
  const directory = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  const children: ChildProcess[] = [];
  const start = (processor: string, file: string, env: Record<string, string>) => {
    const child = spawn('taskset', ['-c', processor, process.execPath, file], {
      cwd: import.meta.dirname,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    children.push(child);
    return child;
  };
  const mockPort = await freePort();
  start(mockProcessor, join(tools, 'mock-upstream.mjs'), { PORT: String(mockPort) });
  const mock = `http://127.0.0.1:${mockPort}`;
  const proxyPort = await freePort();
  const proxy = start(serverProcessor, join(tools, 'raw-proxy.mjs'), { PORT: String(proxyPort), UPSTREAM: mock });
  const parley = await startOnPlan({ directory, mock });
  const stop = async (): Promise<void> => {
    await parley.stop();
    await Promise.all(
      children.map(async (child) => {
        if (child.exitCode !== null) return;
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await ended;
      }),
    );
    rmSync(directory, { recursive: true });
  };
  await answering(`http://127.0.0.1:${proxyPort}/v1/models`, { pauseMs: answerPauseMs });
  const stateless = ['--gen', join(tools, 'gen-hist20.mjs')];
  return {
    stop,
    subjects: [
      { name: 'direct', url: `${mock}/v1/chat/completions`, pid: null, loadArguments: () => stateless },
      {
        name: 'raw proxy',
        url: `http://127.0.0.1:${proxyPort}/v1/chat/completions`,
        pid: proxy.pid ?? null,
        loadArguments: () => stateless,
      },
      await chatSubject(parley, directory),
    ],
  };
};

/** Parley with a finite plan and the mock model. */
const startOnPlan = ({ directory, mock }: { directory: string; mock: string }): Promise<ParleyProcess> => {
  const plansPath = join(directory, 'plans.json');
  const plan = {
    messages_per_month: 1_000_000_000,
    requests_per_minute: 1_000_000_000,
    bots: 1_000,
    memory_messages: historyMessages,
    concurrent_streams: 10_000,
  };
  writeFileSync(plansPath, JSON.stringify({ default: 'bench', plans: { bench: plan } }));
  return startParley({
    dataDir: join(directory, 'data'),
    processor: serverProcessor,
    env: { PARLEY_PLANS: plansPath, PARLEY_PROVIDER_MOCK_URL: `${mock}/v1` },
  });
};

const chatSubject = async ({ url, pid, firstKey }: ParleyProcess, directory: string): Promise<Subject> => {
  const key = firstKey ?? '';
  const response = await fetch(`${url}/v1/bots`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Bench', instructions, model: 'mock/mock-1' }),
  });
  const { id } = (await response.json()) as { id: string };
  const generator = join(directory, 'parley-requests.mjs');
  writeFileSync(generator, requestGenerator({ botId: id, key }));
  return { name: 'Parley', url: `${url}/v1/chat`, pid, loadArguments: () => ['--gen', generator] };
};

/** A module of the load generator's form: one user for each of its slots, one Idempotency-Key for each call. */
const requestGenerator = ({ botId, key }: { botId: string; key: string }): string => `
const run = Math.random().toString(36).slice(2);
export const req = (number, slot, mode) => ({
  path: '/v1/chat',
  headers: { authorization: 'Bearer ${key}', 'idempotency-key': run + '-' + number },
  body: JSON.stringify({
    bot_id: '${botId}',
    user_id: 'user-' + slot,
    message: 'Hello there, what can you do for me today?',
    stream: mode === 'sse',
  }),
});
`;

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
};
