import type { EventSourceMessage } from 'eventsource-parser';
import type { ChatModelReply } from '../../core/turn/chat-model.ts';

/**
 * One answer in a vendor's dialect as it is put together. It is fed by the readers of this folder, and every method
 * throws only `ChatModelError`.
 */
export interface Answer {
  /** Pieces of text or thinking so far. It stands still while a server only keeps the connection alive. */
  readonly pieces: number;
  /** True once the provider said why the reply ended; only the usage may still follow. */
  readonly finished: boolean;
  /** True once nothing that follows matters. */
  readonly done: boolean;
  /** One event of a stream. */
  takeEvent(event: EventSourceMessage): void;
  /** The one JSON value of an answer that is not streamed. */
  takeWhole(value: unknown): void;
  /** The reply; what the text held back is handed on. Throws where the provider's last word was a failure. */
  reply(): ChatModelReply;
}
