/** Memory jobs of one workspace that may wait for all servers together: some minutes of work. */
const maxWaitingOfWorkspace = 50;
/** And of all workspaces: those that wait are run in the order in which they came, so a long line would be fair to nobody. */
const maxWaitingJobs = 500;
/** Jobs that are counted, which costs some milliseconds: what a stop hands over may wait beyond the limits. */
export const maxCountedJobs = 20_000;

/** Jobs that wait, by workspace, of `maxCountedJobs` at most. */
export type WaitingJobs = ReadonlyMap<string | null, number>;

/** Of these conversations those for which a job may be added, in turns: first those of workspaces with the fewest. */
export const admitFairly = <Place extends { workspaceId: string }>(
  places: readonly Place[],
  waiting: WaitingJobs,
): Place[] => {
  const ranks = new Map(waiting);
  const ranked = places.map((place) => {
    const rank = ranks.get(place.workspaceId) ?? 0;
    ranks.set(place.workspaceId, rank + 1);
    return { place, rank };
  });
  const room = Math.max(0, maxWaitingJobs - sumOf(waiting));
  return ranked
    .filter(({ rank }) => rank < maxWaitingOfWorkspace)
    .toSorted((one, other) => one.rank - other.rank)
    .slice(0, room)
    .map(({ place }) => place);
};

/** What one workspace has beyond its own limit takes no room from others. */
const sumOf = (waiting: WaitingJobs): number =>
  [...waiting.values()].reduce((sum, count) => sum + Math.min(count, maxWaitingOfWorkspace), 0);
