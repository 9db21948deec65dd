/** Work to be done outside a request. */
export interface JobsTable {
  id: string;
  workspace_id: string | null;
  kind: string;
  /** JSON. */
  payload: string;
  status: 'waiting' | 'running' | 'dead';
  dedupe_key: string | null;
  run_at: number;
  owner: string | null;
  lease_until: number | null;
  fence: number;
  attempts: number;
  last_error: string | null;
  created_at: number;
}
