import type { StopRequest, Turn } from './turn.ts';
import type { TurnLog } from './turn-log.ts';

/** What the processes of an installation tell each other of turns; the store stays the truth of all of it. */
export interface TurnRelay {
  /**
   * The log of a turn that waits or runs in another process, which grows here as it grows there, with the same events
   * under the same numbers; null where there is no other process. Throws overloaded.
   */
  follow(turn: Turn): TurnLog | null;
  /** Goes on with the log of a turn that waits here for as long as `waits` says so: another process may come to run it. */
  accompany(turn: Turn, log: TurnLog, waits: () => boolean): void;
  /** This process has begun to run a turn that another one may have readers of. */
  started(turnId: string): void;
  /** Asks whoever runs the turn to end it; it is written to the turn's row already. */
  stop(turnId: string, request: StopRequest): void;
  /** Turns that run in other processes and are read here. */
  readonly readHere: number;
  /** True where the log of a turn of this process is to be stored with its text, for readers elsewhere. */
  wantsLog(turnId: string): boolean;
}

/** Of a process that has its store for itself. */
export const noRelay: TurnRelay = {
  follow: () => null,
  accompany: () => {},
  started: () => {},
  stop: () => {},
  readHere: 0,
  wantsLog: () => false,
};
