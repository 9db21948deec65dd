/** What one turn costs, as measured. */
export type TurnCost = {
  /** CPU of the server for a streamed turn, in milliseconds. */
  serverCpuMs: number;
  /** CPU of the database, in milliseconds. */
  databaseCpuMs: number;
  /** What it leaves in the database with its indexes. */
  storedBytes: number;
  /** Memory of a server that has nothing to do. */
  restMb: number;
  /** Memory of one open stream; null where it was not measured. */
  streamKb: number | null;
};

/** What is assumed of the people who chat; the page names each number. */
export type Habits = {
  turnsOfConversation: number;
  /** How much busier the busiest minute is than the day's average. */
  peakFactor: number;
  /** How long a reply takes to be written. */
  replySeconds: number;
  /** How much of a processor is planned to be used at the peak. */
  fullShare: number;
  retentionDays: number;
};

export type Demand = {
  peakTurnsPerSecond: number;
  openStreams: number;
  /** Servers of one processor each. */
  servers: number;
  serverMemoryMb: number | null;
  databaseProcessors: number;
  storedGbPerDay: number;
  storedTb: number;
};

const secondsPerDay = 86_400;
/** So that one may be lost and one replaced. */
const leastServers = 3;

/** What so many conversations a day take, by multiplication alone: nothing is assumed to get cheaper in bulk. */
export const demandOf = (conversationsPerDay: number, cost: TurnCost, habits: Habits): Demand => {
  const turnsPerDay = conversationsPerDay * habits.turnsOfConversation;
  const peakTurnsPerSecond = (turnsPerDay / secondsPerDay) * habits.peakFactor;
  const openStreams = peakTurnsPerSecond * habits.replySeconds;
  const processors = (cpuMs: number): number => (peakTurnsPerSecond * cpuMs) / 1_000 / habits.fullShare;
  const servers = Math.max(leastServers, Math.ceil(processors(cost.serverCpuMs)));
  const storedBytesPerDay = turnsPerDay * cost.storedBytes;
  return {
    peakTurnsPerSecond,
    openStreams,
    servers,
    serverMemoryMb: cost.streamKb === null ? null : cost.restMb + ((openStreams / servers) * cost.streamKb) / 1_024,
    databaseProcessors: processors(cost.databaseCpuMs),
    storedGbPerDay: storedBytesPerDay / 1e9,
    storedTb: (storedBytesPerDay * habits.retentionDays) / 1e12,
  };
};
