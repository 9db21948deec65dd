import { sql } from 'kysely';
import type { Clock } from '../../kit/clock.ts';
import type { LeaseClock } from '../lease-clock.ts';

/** One process has the file, and its clock is the only one. */
export const sqliteLeaseClock = (clock: Clock): LeaseClock => ({
  now: () => sql<number>`${clock()}`,
  fromNow: (milliseconds) => sql<number>`${clock() + milliseconds}`,
  moment: (time) => sql<number>`${time}`,
});
