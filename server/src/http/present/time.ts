/** A time as it is sent: RFC 3339 in UTC. */
export const presentTime = (time: number): string => new Date(time).toISOString();

export const presentTimeOrNull = (time: number | null): string | null => (time === null ? null : presentTime(time));
