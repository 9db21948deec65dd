import type { Violation } from './evidence.ts';
import type { Attempt } from './history.ts';

/** When a server was gone, from its kill until it was ready again. */
export type Outage = { url: string; from: number; to: number };

/** Of the requests to servers that nothing was done to, those that may fail while another is killed. */
const toleratedShare = 0.01;

/** Requests that were under way at their own server's kill, or met it while it was gone, are the kill's; no other may fail. */
export const checkOthers = (
  attempts: readonly Attempt[],
  outages: readonly Outage[],
  note: (line: string) => void,
): Violation[] => {
  const others = attempts.filter(
    ({ url, startedAt, endedAt }) =>
      !outages.some((outage) => outage.url === url && startedAt <= outage.to && endedAt >= outage.from),
  );
  const failures = others.flatMap(({ failure }) => (failure === null ? [] : [failure]));
  note(`${failures.length} of ${others.length} requests to the other replicas failed`);
  return failures.length > others.length * toleratedShare
    ? [{ invariant: 'E', what: `${failures.length} of ${others.length} failed: ${failures.slice(0, 5).join(', ')}` }]
    : [];
};
