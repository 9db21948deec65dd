/** The span in which a quota counts: a calendar month in UTC. `end` is the first moment of the next. */
export type Period = Readonly<{ start: number; end: number }>;

export const periodAt = (time: number): Period => {
  if (time < period.start || time >= period.end) period = monthOf(time);
  return period;
};

/** The month that was asked for last; nearly always the same one. */
let period: Period = { start: 0, end: 0 };

const monthOf = (time: number): Period => {
  const date = new Date(time);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  return { start: Date.UTC(year, month, 1), end: Date.UTC(year, month + 1, 1) };
};

const dayMs = 24 * 60 * 60 * 1_000;

/** The day that was asked for last; nearly always the same one. */
let day = NaN;
let dayText = '';

/** The day in UTC as `YYYY-MM-DD`. */
export const dayAt = (time: number): string => {
  const number = Math.floor(time / dayMs);
  if (number !== day) {
    day = number;
    dayText = new Date(time).toISOString().slice(0, 10);
  }
  return dayText;
};
