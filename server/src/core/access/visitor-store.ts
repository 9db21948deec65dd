/** A visitor's thread with a bot, in live mode: there are no test visitors. */
export type VisitorPlace = { workspaceId: string; botId: string; visitorId: string };

export interface VisitorReader {
  /** All user ids of the person behind this one, itself among them, whether it is known or not. */
  listPersonIds(workspaceId: string, userId: string): Promise<string[]>;
  /** True where the visitor has a conversation with the bot that goes on. */
  hasCurrentConversation(place: VisitorPlace): Promise<boolean>;
}

export interface VisitorStore extends VisitorReader {
  /**
   * Makes the visitor's current conversation with the bot the user's, turns and all, and the one that the user's next
   * message goes to; gives its id. Null where the visitor has none, or it has become somebody's in the meantime.
   */
  handOver(place: VisitorPlace, to: { userId: string; at: number }): Promise<string | null>;
}
