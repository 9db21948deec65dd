import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answering } from '../parley-process.ts';
import { freePort, type PinnedProcess, startPinned } from '../pinned-process.ts';
import { BenchPostgres } from '../postgres.ts';
import type { ModelSpeed } from './measure.ts';

/** Everything that is no subject runs on the second processor; the database, too, unless the command line says otherwise. */
export const processors = { server: '0', others: '1' };

const answerPauseMs = 100;
/** When a slow model says its first token, and how long it takes for each more. */
const slowModel = { FIRST_MS: '20', GAP_MS: '5' };

/** What all subjects share: the mock model at both speeds, a receiver of webhooks, a folder, a PostgreSQL where one is needed. */
export type Surroundings = {
  tools: string;
  directory: string;
  mocks: Record<ModelSpeed, string>;
  receiver: string;
  postgres: BenchPostgres | null;
  /** Starts a server on the processor of servers; it ends with the rest. */
  startServer: (file: string, options: { cwd: string; env?: Record<string, string>; args?: string[] }) => PinnedProcess;
  /** What is to be ended before all that. */
  onStop: (stop: () => Promise<void>) => void;
  stop: () => Promise<void>;
};

export const startSurroundings = async (
  tools: string,
  { postgres, plans }: { postgres: { processors: string } | null; plans: object },
): Promise<Surroundings> => {
  const mock = join(tools, 'mock-upstream.mjs');
  if (!existsSync(mock)) throw new Error(`${mock} does not exist: say by --tools where the mock model is`);
  const directory = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  writeFileSync(join(directory, 'plans.json'), JSON.stringify(plans));
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).toReversed()) await each();
    rmSync(directory, { recursive: true, force: true });
  };
  const start = (file: string, options: Parameters<typeof startPinned>[1]): PinnedProcess => {
    const started = startPinned(file, options);
    stops.push(() => started.stop());
    return started;
  };
  const startBeside = async (file: string, env: Record<string, string> = {}): Promise<string> => {
    const port = await freePort();
    start(file, {
      processor: processors.others,
      cwd: import.meta.dirname,
      env: { PORT: String(port), ...env },
    });
    const url = `http://127.0.0.1:${port}`;
    await answering(url, { pauseMs: answerPauseMs });
    return url;
  };
  try {
    const mocks = { fast: await startBeside(mock), slow: await startBeside(mock, slowModel) };
    const receiver = await startBeside(join(import.meta.dirname, 'webhook-receiver.ts'));
    const database = postgres ? await BenchPostgres.start(postgres.processors) : null;
    if (database) stops.push(() => database.close());
    return {
      tools,
      directory,
      mocks,
      receiver,
      postgres: database,
      startServer: (file, options) => start(file, { processor: processors.server, ...options }),
      onStop: (each) => stops.push(each),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};
