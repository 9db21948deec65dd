/** A thread between a user and a bot. */
export interface ConversationsTable {
  workspace_id: string;
  id: string;
  bot_id: string;
  user_id: string | null;
  channel: string;
  mode: 'live' | 'test';
  status: 'open' | 'human' | 'closed';
  /** The turn that holds the conversation; the next may start when it has ended. */
  active_turn_id: string | null;
  /** The next free place. */
  next_seq: number;
  /** Who has it in hand, by a name of the caller's; null unless somebody does. */
  assignee: string | null;
  /** JSON object. */
  metadata: string;
  created_at: number;
  updated_at: number;
  deleted_at: number | null;
}
