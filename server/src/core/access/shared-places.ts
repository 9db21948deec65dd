/** Places of which all servers of an installation count how many are taken. */
export interface SharedPlaces {
  /**
   * `own`: places of this name that this process holds, the new one among them. False where the other processes hold so
   * many that they would be more than `limit` together. True where it cannot be known.
   */
  admit(name: string, own: number, limit: number): Promise<boolean>;
  /** The process holds fewer now. */
  report(name: string, own: number): void;
}

/** Of a process that knows of no other. */
export const noSharedPlaces: SharedPlaces = { admit: () => Promise.resolve(true), report: () => {} };
