import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { DocumentError } from '../core/knowledge/document-error.ts';
import { maxDocumentBytes, parseMemoryBytes, parseTimeoutMs } from '../core/knowledge/document-limits.ts';
import type { DocumentParser, DocumentToParse, ParsedDocument } from '../core/knowledge/document-parser.ts';
import { ParserProcess, type ProcessLimits } from './parser-process.ts';
import { type Isolation, probeIsolation, startSandboxed } from './sandbox.ts';

export type DocumentParserOptions = Partial<ProcessLimits> & {
  /** At once; each takes a core while it reads. */
  processes?: number;
  /** Without work for so long a process ends, and gives its memory back. */
  idleMs?: number;
  /** What keeps the processes from the network; found out where it is not given. */
  isolation?: Isolation;
  /** Told once, before the first document is read. */
  onIsolation?: (isolation: Isolation) => void;
};

const maxProcesses = 2;
const defaultIdleMs = 60_000;
/** Documents that may wait; whoever reads many of them waits for each. */
const maxWaiting = 64;
/** After so many documents, or so long at work, a process is replaced: what one document left behind reaches few others. */
const documentsPerProcess = 50;
const busyMsPerProcess = 60_000;
/** Of the memory that it may have: one that keeps more than this between documents is replaced. */
const keptMemoryShare = 0.5;
/** Of the memory, for JavaScript objects: they reach their limit before the process does. */
const heapShare = 0.8;

const entry = join(import.meta.dirname, 'child/main.ts');

type Waiting = {
  document: DocumentToParse;
  settle: (document: ParsedDocument) => void;
  fail: (error: unknown) => void;
};

const workspaceOf = ({ document }: Waiting): string | null => document.workspaceId;

/**
 * Reads documents in processes of their own, which are started when the first document comes. One workspace never has all
 * of them: a document may take half a minute, and somebody with many such would have all others wait.
 */
export const createDocumentParser = (options: DocumentParserOptions = {}): DocumentParser => new ProcessPool(options);

class ProcessPool implements DocumentParser {
  readonly #options: DocumentParserOptions;
  readonly #limits: ProcessLimits;
  readonly #size: number;
  readonly #waiting: Waiting[] = [];
  /** What a process reads, or is being started for. */
  readonly #reading = new Set<Waiting>();
  readonly #idle = new Map<ParserProcess, NodeJS.Timeout>();
  readonly #busy = new Set<ParserProcess>();
  #isolation: Promise<Isolation> | null = null;
  /** Turns that were taken, and when each workspace that waits or is read for had its last. */
  #turns = 0;
  readonly #lastTurns = new Map<string | null, number>();
  #closed = false;

  constructor(options: DocumentParserOptions) {
    this.#options = options;
    this.#limits = {
      timeoutMs: options.timeoutMs ?? parseTimeoutMs,
      memoryBytes: options.memoryBytes ?? parseMemoryBytes,
    };
    this.#size = options.processes ?? Math.min(maxProcesses, availableParallelism());
  }

  parse(document: DocumentToParse): Promise<ParsedDocument> {
    if (document.signal?.aborted) return Promise.reject(document.signal.reason as Error);
    if (document.bytes.byteLength > maxDocumentBytes) return Promise.reject(new DocumentError('too_large'));
    if (document.bytes.byteLength === 0) return Promise.reject(new DocumentError('empty'));
    if (this.#closed || this.#waiting.length >= maxWaiting) return Promise.reject(new DocumentError('overloaded'));
    return new Promise((settle, fail) => {
      this.#waiting.push({ document, settle, fail });
      void this.#next();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { fail } of this.#waiting.splice(0)) fail(new DocumentError('overloaded'));
    for (const [process, timer] of this.#idle) {
      clearTimeout(timer);
      process.end();
    }
    this.#idle.clear();
    for (const process of this.#busy) process.end(new DocumentError('overloaded'));
    await this.#isolation?.catch(() => undefined);
  }

  async #next(): Promise<void> {
    const work = this.#takeTurn();
    if (!work) return;
    this.#reading.add(work);
    const process = await this.#take().catch((error: unknown) => {
      work.fail(new DocumentError('not_started', undefined, { cause: error }));
      return null;
    });
    if (process && this.#closed) {
      process.end();
      work.fail(new DocumentError('overloaded'));
    } else if (process) await this.#read(process, work);
    this.#reading.delete(work);
    void this.#next();
  }

  /** Of those that have room for another document, the workspace whose last turn was the longest ago. */
  #takeTurn(): Waiting | null {
    if (this.#closed || this.#reading.size >= this.#size) return null;
    const most = Math.max(1, this.#size - 1);
    const reading = [...this.#reading].map(workspaceOf);
    const [work] = this.#waiting
      .filter((waiting) => reading.filter((id) => id === workspaceOf(waiting)).length < most)
      .toSorted((one, other) => this.#lastTurnOf(one) - this.#lastTurnOf(other));
    if (!work) return null;
    this.#waiting.splice(this.#waiting.indexOf(work), 1);
    this.#turns += 1;
    this.#lastTurns.set(workspaceOf(work), this.#turns);
    const known = new Set([work, ...this.#reading, ...this.#waiting].map(workspaceOf));
    for (const id of this.#lastTurns.keys()) if (!known.has(id)) this.#lastTurns.delete(id);
    return work;
  }

  #lastTurnOf(waiting: Waiting): number {
    return this.#lastTurns.get(workspaceOf(waiting)) ?? 0;
  }

  async #read(process: ParserProcess, work: Waiting): Promise<void> {
    this.#busy.add(process);
    try {
      work.settle(await process.parse(work.document));
    } catch (error) {
      work.fail(error);
    }
    const kept = await this.#isKept(process);
    this.#busy.delete(process);
    if (kept && !this.#closed) this.#rest(process);
    else process.end();
  }

  /** One that rests, or a new one. */
  async #take(): Promise<ParserProcess> {
    for (const [process, timer] of this.#idle) {
      clearTimeout(timer);
      this.#idle.delete(process);
      if (!process.hasEnded) return process;
    }
    this.#isolation ??= this.#findIsolation();
    const isolation = await this.#isolation.catch((error: unknown) => {
      // what was wrong may pass: the next document looks again
      this.#isolation = null;
      throw error;
    });
    const heapBytes = this.#limits.memoryBytes * heapShare;
    return new ParserProcess(startSandboxed({ entry, isolation, heapBytes }), this.#limits);
  }

  async #findIsolation(): Promise<Isolation> {
    const isolation = this.#options.isolation ?? (await probeIsolation());
    this.#options.onIsolation?.(isolation);
    return isolation;
  }

  async #isKept(process: ParserProcess): Promise<boolean> {
    if (process.hasEnded || process.parsed >= documentsPerProcess || process.busyMs >= busyMsPerProcess) return false;
    const memory = await process.memory();
    return memory === null || memory < this.#limits.memoryBytes * keptMemoryShare;
  }

  #rest(process: ParserProcess): void {
    const timer = setTimeout(() => {
      this.#idle.delete(process);
      process.end();
    }, this.#options.idleMs ?? defaultIdleMs);
    timer.unref();
    this.#idle.set(process, timer);
  }
}
