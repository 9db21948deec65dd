import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const main = join(import.meta.dirname, '../../server/src/main.ts');
const startBudgetMs = 60_000;
const lookEveryMs = 10;

export type ServerOptions = {
  /** A port of its own, so that clients find it again. */
  port: number;
  environment: Record<string, string>;
  /** A file for what it prints; read once it listens, and shown where it does not. */
  outputPath: string;
};

/** The program in a process of its own, on one port, that can be ended in every way and started again. */
export class ServerProcess {
  readonly url: string;
  readonly #options: ServerOptions;
  #child: ChildProcess | null = null;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.url = `http://127.0.0.1:${options.port}`;
  }

  get pid(): number {
    const { pid } = this.#child ?? {};
    if (pid === undefined) throw new Error('the server does not run');
    return pid;
  }

  get running(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** True where a signal holds it still. */
  get stopped(): boolean {
    // the state stands behind the name, which is in brackets
    return / T /.test(readFileSync(`/proc/${this.pid}/stat`, 'utf8').replace(/^.*\)/, ''));
  }

  /** Starts it and waits until it is ready; gives what it printed. `extra` is for this start alone. */
  async start(extra: Record<string, string> = {}): Promise<string> {
    await this.launch(extra);
    return this.ready();
  }

  /** Starts, ends and starts it again, so that later starts find their code compiled; gives what the first printed. */
  async startWarm(): Promise<string> {
    const output = await this.start();
    await this.end('SIGTERM');
    await this.start();
    return output;
  }

  /** Starts it without waiting. */
  async launch(extra: Record<string, string> = {}): Promise<void> {
    const { outputPath, environment, port } = this.#options;
    rmSync(outputPath, { force: true });
    const output = openSync(outputPath, 'a');
    this.#child = spawn(process.execPath, [main, 'start'], {
      env: {
        PATH: '/usr/bin:/bin',
        PARLEY_LOG: 'warn',
        PARLEY_PORT: String(port),
        ...environment,
        ...extra,
      },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    await once(this.#child, 'spawn');
  }

  async ready(): Promise<string> {
    const giveUpAt = performance.now() + startBudgetMs;
    for (;;) {
      if (!this.running) throw new ServerEnded(this.output());
      const known = await fetch(`${this.url}/readyz`).catch(() => null);
      await known?.arrayBuffer();
      if (known?.ok) return this.output();
      if (performance.now() > giveUpAt) throw new Error(`the server is not ready: ${this.output()}`);
      await setTimeout(lookEveryMs);
    }
  }

  output(): string {
    return existsSync(this.#options.outputPath) ? readFileSync(this.#options.outputPath, 'utf8') : '';
  }

  signal(signal: NodeJS.Signals): void {
    if (this.running) this.#child?.kill(signal);
  }

  /** Sends the signal and waits for the end; gives the exit code, or null where a signal ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const ended = this.ended();
    this.signal(signal);
    return ended;
  }

  /** Resolves once it has ended by itself. */
  async ended(): Promise<number | null> {
    const child = this.#child;
    if (!child) return null;
    if (this.running) await once(child, 'exit');
    return child.exitCode;
  }
}

/** The server ended before it was ready. */
export class ServerEnded extends Error {
  constructor(output: string) {
    super(`the server ended before it was ready: ${output}`);
    this.name = 'ServerEnded';
  }
}
