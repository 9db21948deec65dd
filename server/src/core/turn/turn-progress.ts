import type { TurnStatus } from './turn.ts';

/** How far a turn of another process has come, as the store shows it. */
export type TurnProgress = {
  turnId: string;
  status: TurnStatus;
  attempt: number;
  /** The text stored so far with the packed log it belongs to; null where neither is stored, or nothing is new. */
  stored: { text: string; log: string } | null;
};

/** Reads the progress of many turns at once. Only stores that several processes share have one. */
export interface TurnProgressReader {
  /**
   * `knownLength`: of the packed log that was read last, so that what is known is not read again. Turns that are gone are
   * left out.
   */
  find(asked: readonly { workspaceId: string; turnId: string; knownLength: number }[]): Promise<TurnProgress[]>;
}
