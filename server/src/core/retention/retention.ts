/** What a workspace wants to be kept of its conversations; null keeps everything. */
export type Retention = {
  /** Days. A conversation that was silent for longer goes; of one that goes on, the turns that are older. */
  retentionDays: number | null;
  /** Of the messages of a conversation the latest are kept, in whole turns; the latest turn is, whatever its size. */
  maxMessagesPerConversation: number | null;
};

/** What is too much at a moment: `before` as a time; null where age, or number, is no matter. */
export type RetentionBounds = { before: number | null; maxMessages: number | null };

const dayMs = 24 * 60 * 60 * 1_000;

export const boundsOf = (retention: Retention, now: number): RetentionBounds => ({
  before: retention.retentionDays === null ? null : now - retention.retentionDays * dayMs,
  maxMessages: retention.maxMessagesPerConversation,
});
