import type { ChildProcess } from 'node:child_process';
import { DocumentError } from '../core/knowledge/document-error.ts';
import type { DocumentToParse, ParsedDocument } from '../core/knowledge/document-parser.ts';
import { AnswerReader } from './answer-reader.ts';
import type { ParseRequest } from './exchange.ts';
import { residentMemory } from './resident-memory.ts';

export type ProcessLimits = {
  /** For one document, from the moment the process has it. */
  timeoutMs: number;
  /** Of the whole process. */
  memoryBytes: number;
};

/** Between two looks at the memory: what a process can take in that time stays far below what a machine has. */
const memoryEveryMs = 50;
/** Of a start, on a machine that is busy. */
const startMs = 20_000;
/** Of what a process that does not start prints. */
const maxComplaintCharacters = 2_000;

type Reading = {
  answer: AnswerReader;
  settle: (document: ParsedDocument) => void;
  fail: (error: unknown) => void;
};

/** One process that parses, one document after the other. Once it was ended it takes no more. */
export class ParserProcess {
  readonly #child: ChildProcess;
  readonly #limits: ProcessLimits;
  readonly #ready: Promise<void>;
  #reading: Reading | null = null;
  #ended: DocumentError | null = null;
  #complaint = '';
  /** Documents that it has read, and how long it was busy with them. */
  parsed = 0;
  busyMs = 0;

  constructor(child: ChildProcess, limits: ProcessLimits) {
    this.#child = child;
    this.#limits = limits;
    this.#ready = this.#started();
    // whoever parses first is told
    this.#ready.catch(() => {});
    child.stdin?.on('error', () => {});
    child.on('error', (error) => this.#die(new DocumentError('parser_failed', undefined, { cause: error })));
    child.on('exit', (code, signal) => {
      const cause = new Error(`the process that parses ended with ${signal ?? code}: ${this.#complaint}`);
      // V8 ends a process whose objects take more than they may
      const outOfMemory = signal === 'SIGABRT' || code === 134 || signal === 'SIGTRAP' || code === 133;
      this.#die(new DocumentError(outOfMemory ? 'memory' : 'parser_failed', undefined, { cause }));
    });
  }

  get hasEnded(): boolean {
    return this.#ended !== null;
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  async parse(document: DocumentToParse): Promise<ParsedDocument> {
    await this.#ready;
    if (this.#ended) throw this.#ended;
    document.signal?.throwIfAborted();
    const startedAt = performance.now();
    const watches = this.#watch(document.signal);
    try {
      return await new Promise<ParsedDocument>((settle, fail) => {
        this.#reading = { answer: new AnswerReader(), settle, fail };
        this.#send(document);
      });
    } finally {
      watches.stop();
      this.#reading = null;
      this.parsed += 1;
      this.busyMs += performance.now() - startedAt;
    }
  }

  /** Memory in bytes; null where it cannot be told. */
  memory(): Promise<number | null> {
    return this.pid === null ? Promise.resolve(null) : residentMemory(this.pid);
  }

  /** Ends it at once, whatever it does. */
  end(reason: DocumentError = new DocumentError('parser_failed')): void {
    this.#die(reason);
  }

  #send({ format, bytes, url, charset }: DocumentToParse): void {
    const request: ParseRequest = { format, sizeBytes: bytes.byteLength, url, charset: charset ?? null };
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    this.#child.stdin?.write(bytes);
  }

  #watch(signal: AbortSignal | undefined): { stop(): void } {
    const { timeoutMs, memoryBytes } = this.#limits;
    const late = setTimeout(() => this.#die(new DocumentError('timeout')), timeoutMs);
    const abort = (): void => this.#die(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    const look = async (): Promise<void> => {
      const bytes = await this.memory();
      if (bytes !== null && bytes > memoryBytes && this.#reading) this.#die(new DocumentError('memory'));
    };
    const memory = setInterval(() => void look(), memoryEveryMs);
    return {
      stop() {
        clearTimeout(late);
        clearInterval(memory);
        signal?.removeEventListener('abort', abort);
      },
    };
  }

  #started(): Promise<void> {
    return new Promise((settle, fail) => {
      const late = setTimeout(() => this.#die(new DocumentError('parser_failed')), startMs);
      this.#child.once('close', () => {
        clearTimeout(late);
        fail(this.#ended ?? new DocumentError('parser_failed'));
      });
      this.#child.once('error', fail);
      const starting = new AnswerReader();
      this.#child.stderr?.on('data', (chunk: Buffer) => {
        if (this.#complaint.length < maxComplaintCharacters && late.hasRef())
          this.#complaint += chunk.toString('latin1');
      });
      this.#child.stdout?.on('data', (chunk: Buffer) => {
        if (this.#reading) this.#read(this.#reading, chunk);
        else if (this.#isReady(starting, chunk)) {
          clearTimeout(late);
          this.#complaint = '';
          settle();
        }
      });
    });
  }

  /** What comes while nothing is read can only be the word that it is ready. */
  #isReady(starting: AnswerReader, chunk: Buffer): boolean {
    try {
      return starting.takeReady(chunk);
    } catch (error) {
      this.#die(error);
      return false;
    }
  }

  #read(reading: Reading, chunk: Buffer): void {
    try {
      const document = reading.answer.take(chunk);
      if (document) reading.settle(document);
    } catch (error) {
      // one that says what is wrong with the document is fit for the next; one that talks nonsense is not
      if (reading.answer.isComplete) reading.fail(error);
      else this.#die(error);
    }
  }

  #die(reason: unknown): void {
    if (!this.#ended) {
      this.#ended =
        reason instanceof DocumentError ? reason : new DocumentError('parser_failed', undefined, { cause: reason });
      this.#child.kill('SIGKILL');
    }
    this.#reading?.fail(reason);
    this.#reading = null;
  }
}
