/** The HMAC of one secret of a key. */
export interface KeySecretsTable {
  workspace_id: string;
  key_id: string;
  id: string;
  hash: string;
  last_four: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
}
