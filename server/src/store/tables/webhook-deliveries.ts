/** One event on its way to one endpoint: ids, and how the last attempt went. */
export interface WebhookDeliveriesTable {
  workspace_id: string;
  id: string;
  endpoint_id: string;
  event_id: string;
  type: string;
  subject_id: string;
  event_at: number;
  status: 'pending' | 'delivered' | 'failed' | 'dropped';
  attempts: number;
  /** Grows with every claim; the holder of an older one can write nothing. */
  fence: number;
  /** While an attempt is under way: when somebody else may take it. */
  next_attempt_at: number | null;
  attempted_at: number | null;
  response_status: number | null;
  duration_ms: number | null;
  error: string | null;
  created_at: number;
  ended_at: number | null;
}
