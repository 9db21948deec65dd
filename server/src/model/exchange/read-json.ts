import { ChatModelError } from '../../core/turn/chat-model.ts';
import type { Answer } from './answer.ts';
import type { AnswerReader } from './answer-reader.ts';
import { MAX_JSON_BYTES } from './limits.ts';

/** An answer in one JSON object. */
export class ReadJson implements AnswerReader {
  readonly #answer: Answer;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  /** Its end is the end of the body. */
  get done(): boolean {
    return false;
  }

  feed(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_JSON_BYTES) {
      throw new ChatModelError('malformed', `the answer is larger than ${MAX_JSON_BYTES} bytes`);
    }
    this.#chunks.push(chunk);
  }

  end(): void {
    this.#answer.takeWhole(this.#parse());
  }

  #parse(): unknown {
    const [first] = this.#chunks;
    const body = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    try {
      return JSON.parse(body.toString('utf8'));
    } catch {
      throw new ChatModelError('malformed', 'the answer is broken JSON');
    }
  }
}
