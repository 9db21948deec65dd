import { Worker } from 'node:worker_threads';
import {
  type Embedded,
  type EmbeddingModel,
  type EmbeddingOptions,
  maxTextsPerRequest,
} from '../../core/knowledge/embedding-model.ts';
import { ChatModelError } from '../../core/turn/chat-model.ts';
import { toUnitVector } from '../exchange/unit-vector.ts';
import type { EnglishAnswer, EnglishRequest } from './thread.ts';

/** Requests that may wait for the thread. */
const maxWaiting = 64;
/** The model's vocabulary and its memory grow with a text; what is longer is cut, as a server would. */
const maxCharacters = 4_000;
/** Without work for so long the thread ends, and gives its memory back. */
const idleMs = 10 * 60_000;

type Waiting = { settle(answer: EnglishAnswer): void };

/**
 * The Universal Sentence Encoder (lite), of English texts, in a thread that is started by the first of them: 30 MB of
 * files, some 350 MB of memory while it is used, no network.
 */
export const createEmbeddedEnglish = (name: string): EmbeddingModel => new EmbeddedEnglish(name);

class EmbeddedEnglish implements EmbeddingModel {
  readonly name: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #idle: NodeJS.Timeout | null = null;
  #lastId = 0;

  constructor(name: string) {
    this.name = name;
  }

  async embed(texts: readonly string[], options: EmbeddingOptions): Promise<Embedded> {
    if (texts.length === 0) return { vectors: [], tokens: null };
    if (texts.length > maxTextsPerRequest) throw new ChatModelError('rejected', 'too many texts for one request');
    if (this.#waiting.size >= maxWaiting) throw new ChatModelError('overloaded', 'too many wait for the model');
    const cut = texts.map((text) => text.slice(0, maxCharacters).toWellFormed());
    const answer = await this.#ask(cut, options);
    if ('error' in answer) throw new ChatModelError('unavailable', `the embedded model failed: ${answer.error}`);
    return { vectors: answer.vectors.map((vector) => toUnitVector(vector)), tokens: null };
  }

  async close(): Promise<void> {
    await this.#end('the server stops');
  }

  /** A request that is given up is answered later, and nobody listens. */
  #ask(texts: readonly string[], { timeoutMs, signal }: EmbeddingOptions): Promise<EnglishAnswer> {
    return new Promise((resolve, reject) => {
      const id = (this.#lastId += 1);
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
      };
      const fail = (error: ChatModelError): void => {
        done();
        reject(error);
      };
      const abort = (): void => fail(new ChatModelError('aborted', 'the request was aborted'));
      const timer = setTimeout(() => fail(new ChatModelError('timeout', 'no answer within the limit')), timeoutMs);
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.set(id, {
        settle: (answer) => {
          done();
          resolve(answer);
        },
      });
      const worker = this.#thread();
      worker.ref();
      const request: EnglishRequest = { id, texts };
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage(request);
    });
  }

  #thread(): Worker {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(new URL('thread.ts', import.meta.url));
    worker.on('message', (answer: EnglishAnswer) => {
      if (worker === this.#worker) this.#settle(answer);
    });
    worker.on('error', (error) => {
      if (worker === this.#worker) void this.#end(error.name);
    });
    worker.on('exit', () => {
      if (worker === this.#worker) void this.#end('its thread ended');
    });
    this.#worker = worker;
    return worker;
  }

  #settle(answer: EnglishAnswer): void {
    this.#waiting.get(answer.id)?.settle(answer);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size > 0) return;
    // an idle thread does not keep the process alive
    this.#worker?.unref();
    this.#idle = setTimeout(() => void this.#end('it was idle'), idleMs).unref();
  }

  async #end(error: string): Promise<void> {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    const worker = this.#worker;
    this.#worker = null;
    for (const [id, waiting] of this.#waiting) waiting.settle({ id, error });
    this.#waiting.clear();
    await worker?.terminate();
  }
}
