import { UsageError } from './command.ts';

const dayMs = 86_400_000;
const maxDays = 3_650;
const dateTime = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** `90d` from `now` on, or a moment as RFC 3339, or a day in UTC; in milliseconds since 1970. */
export const readExpiry = (text: string, now: number): number => {
  const days = /^(?<days>\d{1,4})d$/.exec(text)?.groups?.['days'];
  const time = days === undefined ? (dateTime.test(text) ? Date.parse(text) : Number.NaN) : now + Number(days) * dayMs;
  if (Number.isNaN(time) || time > now + maxDays * dayMs) {
    throw new UsageError(
      `--expires is ${JSON.stringify(text)}: it must be 1d to ${maxDays}d, or a time such as 2027-01-31T00:00:00Z`,
    );
  }
  if (time <= now) throw new UsageError(`--expires is ${JSON.stringify(text)}: it must be in the future`);
  return time;
};
