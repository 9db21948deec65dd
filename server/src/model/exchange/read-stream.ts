import { createParser, type EventSourceMessage, type EventSourceParser } from 'eventsource-parser';
import { ChatModelError } from '../../core/turn/chat-model.ts';
import type { Answer } from './answer.ts';
import type { AnswerReader } from './answer-reader.ts';
import { MAX_EVENT_CHARS, MAX_STREAM_BYTES } from './limits.ts';
import { Utf8 } from './utf8.ts';

/** An answer in pieces, one JSON object an event. https://html.spec.whatwg.org/multipage/server-sent-events.html */
export class ReadStream implements AnswerReader {
  readonly #answer: Answer;
  readonly #parser: EventSourceParser;
  readonly #utf8 = new Utf8();
  #bytes = 0;
  #events = 0;

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
    return this.#answer.done;
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
    if (this.#answer.done || this.#answer.finished) return;
    if (this.#events === 0) throw new ChatModelError('malformed', 'the answer is no event stream');
    throw new ChatModelError('unavailable', 'the stream ended before the reply did');
  }

  /** Some servers leave out the blank line after the last event. Where the reply has ended, half an event is no harm. */
  #takeRest(): void {
    if (this.#answer.done) return;
    try {
      this.#parser.feed('\n\n');
    } catch (error) {
      if (!this.#answer.finished) throw error;
    }
  }

  #take(event: EventSourceMessage): void {
    // Whatever follows the last word, a second one too, is no part of the reply.
    if (this.#answer.done) return;
    this.#events += 1;
    this.#answer.takeEvent(event);
  }
}
