/** What a workspace may use; null means no limit. */
export type Plan = {
  name: string;
  messagesPerMonth: number | null;
  /** Messages of a month at which somebody is told. */
  warnAt: number | null;
  requestsPerMinute: number | null;
  bots: number | null;
  /** Messages shown to the model verbatim. */
  memoryMessages: number;
  /** Open event streams. */
  concurrentStreams: number | null;
};
