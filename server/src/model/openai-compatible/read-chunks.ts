import type { EventSourceMessage } from 'eventsource-parser';
import { parseEvent } from '../exchange/parse-event.ts';
import { ChunkShape } from './chunk-shape.ts';

/** Where what the events hold is taken to. */
export type ChunkTaker = {
  take(value: unknown): void;
  takeText(text: string): void;
  takeError(value: unknown): void;
};

/** Reads the events of a stream of chat completion chunks, up to `[DONE]`. */
export class ReadChunks {
  readonly #taker: ChunkTaker;
  readonly #shape = new ChunkShape();
  #done = false;

  constructor(taker: ChunkTaker) {
    this.#taker = taker;
  }

  get done(): boolean {
    return this.#done;
  }

  read(event: EventSourceMessage): void {
    if (event.data === '[DONE]') this.#done = true;
    else if (event.event === 'error') this.#taker.takeError(parseEvent(event.data));
    else if (event.data !== '') this.#readData(event.data);
  }

  #readData(data: string): void {
    const text = this.#shape.read(data);
    if (text !== null) {
      this.#taker.takeText(text);
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch {
      // Servers that end an event with one line end instead of two make several events look like one.
      for (const line of data.split('\n')) this.#readLine(line.trim());
      return;
    }
    this.#taker.take(value);
    this.#shape.learn(data, value);
  }

  #readLine(line: string): void {
    if (line === '' || this.#done) return;
    if (line === '[DONE]') this.#done = true;
    else this.#taker.take(parseEvent(line));
  }
}
