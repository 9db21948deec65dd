/** What was made of a conversation beside its messages; see `core/memory/conversation-memory.ts`. */
export interface ConversationMemoriesTable {
  workspace_id: string;
  conversation_id: string;
  revision: number;
  packed_seq: number;
  summary_seq: number;
  facts_seq: number;
  summary: string | null;
  summary_tokens: number;
  summary_model: string | null;
  updated_at: number;
}
