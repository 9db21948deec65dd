import { newId } from '../../kit/id.ts';
import { periodAt } from './period.ts';

/** What charged messages have reached: the warning, or the limit itself. */
export type Reached = 'warn_at' | 'limit';

/** What the ids of the events end in, in letters that ids have. No other id ends so but once in thirty million. */
const endings: Readonly<Record<Reached, string>> = { warn_at: 'warned', limit: 'spent' };

/**
 * Id and time of the event `usage.threshold`. What is told of it is made when it is sent, by when the counter may have
 * gone on and the month may be over, so what was reached and in which period is fixed with the charge: by the id's end,
 * and by a time within the period, at its last moment where the charge came behind it. Both are handed on as they are by
 * outbox, deliveries and replays, and by servers of an earlier version.
 */
export const thresholdEvent = (
  reached: Reached,
  { periodStart, at }: { periodStart: number; at: number },
): { id: string; at: number } => {
  const { start, end } = periodAt(periodStart);
  const ending = endings[reached];
  return { id: newId('evt').slice(0, -ending.length) + ending, at: Math.min(Math.max(at, start), end - 1) };
};

/** Null for an event of an earlier version, whose id does not say. */
export const reachedIn = (eventId: string): Reached | null => {
  if (eventId.endsWith(endings.warn_at)) return 'warn_at';
  return eventId.endsWith(endings.limit) ? 'limit' : null;
};
