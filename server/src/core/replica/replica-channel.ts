/** What is told of a channel to whoever uses it. */
export type ChannelListener = {
  /** A message of another process, or of this one: whoever listens tells its own by what they say. */
  received: (message: string) => void;
  /** The channel works, for the first time or again: what was said meanwhile is lost. */
  opened: () => void;
  /** For the log; the channel goes on trying by itself. */
  failed: (error: unknown) => void;
};

/**
 * A way from one process to the others of an installation. Messages may be lost, and nothing may depend on one: they
 * only make known sooner what the store says anyway.
 */
export interface ReplicaChannel {
  /** False while it is known not to work. */
  readonly ready: boolean;
  /** True where it is quick and wide enough for the pieces of replies. */
  readonly carriesText: boolean;
  /**
   * Sends to one process, or to all. False where nobody can have heard it; never throws. `message` is no longer than
   * `maxMessageCharacters`.
   */
  send(message: string, to: string | null): Promise<boolean>;
  close(): Promise<void>;
}

export type OpenChannel = (options: { replica: string; listener: ChannelListener }) => Promise<ReplicaChannel>;

/** PostgreSQL's NOTIFY takes less than 8,000 bytes; channels that carry text take what fits into a slice of a log. */
export const maxNoticeBytes = 7_900;
