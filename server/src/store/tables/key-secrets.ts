/** One secret of a key: its HMAC. */
export interface KeySecretsTable {
  workspace_id: string;
  key_id: string;
  id: string;
  hash: string;
  last_four: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  /** The secret itself where it is public: that of a publishable key. */
  public_secret: string | null;
}
