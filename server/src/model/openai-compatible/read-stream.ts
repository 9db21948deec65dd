import { createParser, type EventSourceMessage, type EventSourceParser } from 'eventsource-parser';
import { ChatModelError } from '../../core/turn/chat-model.ts';
import type { Answer } from './answer.ts';
import type { AnswerReader } from './answer-reader.ts';
import { ChunkShape } from './chunk-shape.ts';
import { MAX_EVENT_CHARS, MAX_STREAM_BYTES } from './limits.ts';
import { Utf8 } from './utf8.ts';

/** An answer in pieces, one JSON object an event. https://html.spec.whatwg.org/multipage/server-sent-events.html */
export class ReadStream implements AnswerReader {
  readonly #answer: Answer;
  readonly #parser: EventSourceParser;
  readonly #utf8 = new Utf8();
  readonly #shape = new ChunkShape();
  #bytes = 0;
  #events = 0;
  #done = false;

  constructor(answer: Answer) {
    this.#answer = answer;
    this.#parser = createParser({
      maxBufferSize: MAX_EVENT_CHARS,
      onEvent: (event) => this.#take(event),
      onError: (error) => {
        // A line that is no field is skipped, as the specification asks.
        if (error.type !== 'max-buffer-size-exceeded') return;
        throw new ChatModelError('malformed', `an event is longer than ${MAX_EVENT_CHARS} characters`);
      },
    });
  }

  get done(): boolean {
    return this.#done;
  }

  feed(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_STREAM_BYTES) {
      throw new ChatModelError('malformed', `the stream is larger than ${MAX_STREAM_BYTES} bytes`);
    }
    this.#parser.feed(this.#utf8.decode(chunk));
  }

  end(): void {
    this.#takeRest();
    if (this.#done || this.#answer.finished) return;
    if (this.#events === 0) throw new ChatModelError('malformed', 'the answer is no event stream');
    throw new ChatModelError('unavailable', 'the stream ended before the reply did');
  }

  /** Some servers leave out the blank line after the last event. Where the reply has ended, half an event is no harm. */
  #takeRest(): void {
    if (this.#done) return;
    try {
      this.#parser.feed('\n\n');
    } catch (error) {
      if (!this.#answer.finished) throw error;
    }
  }

  #take(event: EventSourceMessage): void {
    // Whatever follows `[DONE]`, a second one too, is no part of the reply.
    if (this.#done) return;
    this.#events += 1;
    if (event.data === '[DONE]') {
      this.#done = true;
      return;
    }
    if (event.event === 'error') this.#answer.takeError(parse(event.data));
    else if (event.data !== '') this.#takeData(event.data);
  }

  #takeData(data: string): void {
    const text = this.#shape.read(data);
    if (text !== null) {
      this.#answer.takeText(text);
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch {
      // Servers that end an event with one line end instead of two make several events look like one.
      for (const line of data.split('\n')) this.#takeLine(line.trim());
      return;
    }
    this.#answer.take(value);
    this.#shape.learn(data, value);
  }

  #takeLine(line: string): void {
    if (line === '' || this.#done) return;
    if (line === '[DONE]') this.#done = true;
    else this.#answer.take(parse(line));
  }
}

const parse = (data: string): unknown => {
  try {
    return JSON.parse(data);
  } catch {
    throw new ChatModelError('malformed', 'an event of the stream is broken JSON');
  }
};
