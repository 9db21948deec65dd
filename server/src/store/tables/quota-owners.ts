/** A node of the quota tree: the workspace, and below it clients, bots, users. */
export interface QuotaOwnersTable {
  workspace_id: string;
  id: string;
  parent_id: string | null;
  kind: 'workspace' | 'client' | 'bot' | 'user';
  /** The id of what it counts for. */
  subject_id: string;
  hard_limit: number | null;
  soft_limit: number | null;
  created_at: number;
}
