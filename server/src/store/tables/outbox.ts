/** Events that must reach somebody outside, written with what caused them. */
export interface OutboxTable {
  workspace_id: string;
  id: string;
  type: string;
  /** The id of the turn, conversation or source it is about. */
  subject_id: string;
  attempts: number;
  available_at: number;
  created_at: number;
}
