/** People who may become members. */
export interface InvitationsTable {
  workspace_id: string;
  id: string;
  /** Normalised; an address has one invitation at a time. */
  email: string;
  role: string;
  /** SHA-256 of the token. */
  token_hash: string;
  invited_by: string;
  created_at: number;
  expires_at: number;
}
