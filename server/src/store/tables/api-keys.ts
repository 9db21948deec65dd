/** An API key without its secrets. */
export interface ApiKeysTable {
  workspace_id: string;
  id: string;
  name: string;
  type: 'live' | 'test' | 'publishable';
  /** JSON list. */
  scopes: string;
  /** JSON list, or null for every bot. */
  bot_ids: string | null;
  /** JSON list. */
  allowed_origins: string;
  created_by: string;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
}
