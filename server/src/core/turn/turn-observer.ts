import type { ChatModelError } from './chat-model.ts';
import type { Turn } from './turn.ts';

/** `expired`: its owner died or was held up; `released`: it gave the turn up; `waiting`: nobody had begun it. */
export type TakeOverReason = 'expired' | 'released' | 'waiting';

/** What the operator may want to know of turns: for the log and the metrics. Never given any text of a conversation. */
export interface TurnObserver {
  ended(turn: Turn, timingsMs: Readonly<Record<string, number>>): void;
  /** It has waited for its conversation, and begins now. */
  waited(ms: number): void;
  /** It was run or left by another owner, and goes on here. */
  takenOver(why: TakeOverReason): void;
  /** The store did not take its end: another has the turn, or it is gone with its conversation. */
  endRefused(): void;
  /** A call failed, whether or not another one saved the turn. */
  modelFailed(turn: Turn, model: string, error: ChatModelError): void;
  /** Something that nobody foresaw; the turn ends as failed. */
  broke(turn: Turn, error: unknown): void;
  /** The store did not do yet what the turn needs of it: that is tried again, at last by whoever takes the turn over. */
  storeFailed(turnId: string, error: unknown): void;
}
