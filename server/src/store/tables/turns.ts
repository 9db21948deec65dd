/** A turn in all its states; see `core/turn/turn.ts` for the words. */
export interface TurnsTable {
  workspace_id: string;
  id: string;
  conversation_id: string;
  bot_id: string;
  bot_version: number;
  user_id: string | null;
  channel: string;
  mode: 'live' | 'test';
  principal: string;
  status: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled' | 'interrupted';
  finish_reason: string | null;
  error_code: string | null;
  seq_base: number;
  /** How many user messages it holds. */
  message_count: number;
  attempt: number;
  fence: number;
  owner: string | null;
  lease_until: number | null;
  stop_request: 'cancel' | 'interrupt' | null;
  period_start: number;
  /** JSON list of `[workspace_id, owner_id]` for each holder of a reservation or a charge; null where there is none. */
  quota_owners: string | null;
  charged: number;
  /** JSON object, or null for an empty one. */
  context: string | null;
  model: string | null;
  input_tokens: number;
  output_tokens: number;
  /** The text of a running attempt, as far as it was stored. */
  partial_text: string | null;
  rating: 'up' | 'down' | null;
  rating_comment: string | null;
  created_at: number;
  started_at: number | null;
  completed_at: number | null;
}
