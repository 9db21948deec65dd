/** What clients asked for and were told, as they saw it: the half of the truth that the checker holds the store to. */

/** A whole turn as an answer or a terminal event gave it. */
export type SeenTurn = { id: string; status: string; reply: { content: string } | null; usage: { messages: number } };

/** One connection that told of a turn, from where it was asked to begin. */
export type SeenStream = {
  turnId: string | null;
  after: string | null;
  events: { id: string; event: string; data: string }[];
};

export type Operation = {
  tenant: string;
  userId: string;
  key: string;
  text: string;
  way: 'json' | 'stream';
  /** Where it stands in its client's line; those of one burst share a number. */
  order: number;
  /** Ids of the turn as any answer named it. */
  turnIds: Set<string>;
  ended: SeenTurn[];
  streams: SeenStream[];
  /** Codes of definite refusals. */
  refusals: string[];
  /** Answers that never came, or broke off. */
  broken: number;
  /** `acknowledged`: some answer said that the message is stored. `unknown`: nobody was told either way. */
  outcome: 'open' | 'acknowledged' | 'refused' | 'unknown';
};

/** True once somebody was told that the message is stored. */
export const isAcknowledged = (operation: Operation): boolean => operation.turnIds.size > 0;

/** One request of a client, as it went: what is asked of the servers that nothing was done to. */
export type Attempt = {
  url: string;
  startedAt: number;
  endedAt: number;
  /** The code of what went wrong on the server's side; null where nothing did. */
  failure: string | null;
};
