import type { RawBuilder } from 'kysely';

/**
 * The clock by which leases are kept and work falls due: that of the process where the database is its alone, and that of
 * the database where servers share it, so that theirs may differ. What it gives are SQL expressions, in milliseconds since
 * 1970, to be written down or compared with what was.
 */
export interface LeaseClock {
  /** What leases and due times are compared with. */
  now(): RawBuilder<number>;
  /** So many milliseconds from now. */
  fromNow(milliseconds: number): RawBuilder<number>;
  /** The moment of which this process's clock will say, or said, `time`. */
  moment(time: number): RawBuilder<number>;
}
