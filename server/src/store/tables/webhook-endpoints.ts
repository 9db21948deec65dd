/** Where a workspace wants its events sent. */
export interface WebhookEndpointsTable {
  workspace_id: string;
  id: string;
  url: string;
  /** JSON list of event types. */
  events: string;
  status: 'enabled' | 'disabled';
  created_at: number;
}
