/** The span in which a quota counts: a calendar month in UTC. `end` is the first moment of the next. */
export type Period = { start: number; end: number };

export const periodAt = (time: number): Period => {
  const date = new Date(time);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  return { start: Date.UTC(year, month, 1), end: Date.UTC(year, month + 1, 1) };
};

/** The day in UTC as `YYYY-MM-DD`. */
export const dayAt = (time: number): string => new Date(time).toISOString().slice(0, 10);
