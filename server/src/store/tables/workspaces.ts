/** A tenant; an agency’s client has its agency as parent. */
export interface WorkspacesTable {
  id: string;
  parent_id: string | null;
  name: string;
  plan: string | null;
  created_at: number;
  /** Days; null keeps for ever. */
  retention_days: number | null;
  max_messages_per_conversation: number | null;
  deleted_at: number | null;
  /** JSON object; null for none. */
  branding: string | null;
  /** JSON object; null for none. */
  metadata: string | null;
  updated_at: number | null;
}
