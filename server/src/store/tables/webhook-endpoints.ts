/** Where a workspace wants its events sent. */
export interface WebhookEndpointsTable {
  workspace_id: string;
  id: string;
  url: string;
  /** JSON list of event types. */
  events: string;
  status: 'enabled' | 'disabled';
  description: string | null;
  disabled_reason: 'gone' | 'failing' | null;
  failing_since: number | null;
  created_at: number;
  updated_at: number | null;
}
