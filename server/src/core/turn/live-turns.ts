import type { MovedConversation } from '../memory/moved-conversations.ts';
import type { StopRequest, Turn } from './turn.ts';
import type { TurnLog } from './turn-log.ts';

/** A turn that waits or runs in this process. */
export type LiveTurn = {
  /** As it was accepted or claimed. */
  turn: Turn;
  log: TurnLog;
  /** Null while it waits. */
  run: { abort: AbortController } | null;
  stop: StopRequest | null;
  /** Stores text and log of a running turn anew, for a reader of another process. */
  keepLog: (() => void) | null;
  /** True where somebody reads along, so that text is wanted in pieces. */
  readAlong: boolean;
  /** What its end means for what is remembered of the conversation, once that is known. */
  moved?: MovedConversation;
  /** Messages of history to read with the turn that comes after it. */
  historyLimit: number;
};

/** The turns of this process by id. An ended one is taken out; what is needed of it afterwards is in the store. */
export class LiveTurns {
  readonly #turns = new Map<string, LiveTurn>();

  get size(): number {
    return this.#turns.size;
  }

  get(turnId: string): LiveTurn | undefined {
    return this.#turns.get(turnId);
  }

  add(turn: LiveTurn): void {
    this.#turns.set(turn.turn.id, turn);
  }

  remove(turnId: string): void {
    this.#turns.delete(turnId);
  }

  /** Those that wait for their conversation. */
  waiting(): LiveTurn[] {
    return [...this.#turns.values()].filter((turn) => turn.run === null);
  }

  running(): LiveTurn[] {
    return [...this.#turns.values()].filter((turn) => turn.run !== null);
  }
}
