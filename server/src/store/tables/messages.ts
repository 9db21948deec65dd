/** One message at its place in a conversation. */
export interface MessagesTable {
  workspace_id: string;
  conversation_id: string;
  seq: number;
  id: string;
  turn_id: string | null;
  role: 'user' | 'assistant' | 'human' | 'system';
  /** The text of all its parts. */
  text: string;
  /** JSON list of `MessagePart`; null where the text is its only part, as it nearly always is. */
  parts: string | null;
  tokens: number;
  /** JSON object, or null for an empty one. */
  metadata: string | null;
  /** JSON list of `Citation`, or null for an empty one. */
  citations: string | null;
  created_at: number;
}
