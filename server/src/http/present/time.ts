/** The second that was written last: most times of an answer, and of the answers around it, share it. */
let second = NaN;
let secondText = '';

/** A time as it is sent: RFC 3339 in UTC, with milliseconds. */
export const presentTime = (time: number): string => {
  const milliseconds = time % 1_000;
  if (time - milliseconds !== second) {
    second = time - milliseconds;
    // up to the point before the milliseconds
    secondText = new Date(second).toISOString().slice(0, -4);
  }
  return `${secondText}${String(milliseconds).padStart(3, '0')}Z`;
};

export const presentTimeOrNull = (time: number | null): string | null => (time === null ? null : presentTime(time));
