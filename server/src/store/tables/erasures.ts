/** The receipt of an erasure. Of the person it keeps a hash of the user id. */
export interface ErasuresTable {
  workspace_id: string;
  id: string;
  mode: 'live' | 'test';
  /** `userHash` of the id that was asked for. */
  user_hash: string;
  /** JSON list of the person's user ids while rows of theirs are left; null from then on. */
  subjects: string | null;
  status: 'running' | 'completed';
  /** What was removed so far. */
  users: number;
  conversations: number;
  messages: number;
  turns: number;
  created_at: number;
  completed_at: number | null;
}
