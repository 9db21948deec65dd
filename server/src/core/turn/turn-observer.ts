import type { ChatModelError } from './chat-model.ts';
import type { Turn } from './turn.ts';

/** What the operator may want to know of turns: for the log and the metrics. Never given any text of a conversation. */
export interface TurnObserver {
  ended(turn: Turn, timingsMs: Readonly<Record<string, number>>): void;
  /** A call failed, whether or not another one saved the turn. */
  modelFailed(turn: Turn, model: string, error: ChatModelError): void;
  /** Something that nobody foresaw; the turn ends as failed. */
  broke(turn: Turn, error: unknown): void;
  /** The store did not do yet what the turn needs of it: that is tried again, at last by whoever takes the turn over. */
  storeFailed(turnId: string, error: unknown): void;
}
