import { ChatModelError } from '../../core/turn/chat-model.ts';
import { MAX_REPLY_CHARS } from './limits.ts';
import { ThinkFilter } from './think-filter.ts';
import { WholeText } from './whole-text.ts';

/** From the raw text of the model to what the caller is given: no thinking, whole characters, never empty. */
export class ReplyText {
  readonly #onText: (text: string) => void;
  readonly #think = new ThinkFilter();
  readonly #whole = new WholeText();
  #chars = 0;

  constructor(onText: (text: string) => void) {
    this.#onText = onText;
  }

  /** Throws `ChatModelError` where the reply is longer than `MAX_REPLY_CHARS`. */
  push(piece: string): void {
    this.#chars += piece.length;
    if (this.#chars > MAX_REPLY_CHARS) {
      throw new ChatModelError('malformed', `the reply is longer than ${MAX_REPLY_CHARS} characters`);
    }
    this.#give(this.#whole.push(this.#think.push(piece)));
  }

  get started(): boolean {
    return this.#chars > 0;
  }

  /** Hands on what was held back. For a reply that is complete; half of a broken one stays back. */
  end(): void {
    this.#give(this.#whole.push(this.#think.end()) + this.#whole.end());
  }

  #give(text: string): void {
    if (text !== '') this.#onText(text);
  }
}
