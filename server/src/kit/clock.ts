/** Wall-clock time in milliseconds since 1970. A parameter wherever time decides something, so that a test can set it. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();
